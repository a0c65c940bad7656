"""MUNIT: its losses by the paper's formulas, its sizes and UNIT's, and runs of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.running import img2img, succeeded
from support.translators import l1, pictures, recipe_of, squares, train_small
from torch import Tensor

from img2img.config.networks.content import MunitSpec
from img2img.config.networks.critics import StridedSpec
from img2img.config.networks.encoders import StyleEncoderSpec
from img2img.config.toml import resolve
from img2img.config.train.munit import MunitConfig
from img2img.config.train.unit import UnitConfig
from img2img.recipes.munit import Munit
from img2img.recipes.unit import Unit
from img2img.training.launch import initialise_all

SMALL = {"width": 4, "blocks": 2, "critic_width": 4, "critic_layers": 1, "critics": 2}
STYLED = SMALL | {"latent": 3, "dense": 8, "encoder_width": 4}


def batch() -> dict[str, Tensor]:
    return pictures("a", "b") | {"style_a": torch.randn(2, 3), "style_b": torch.randn(2, 3)}


def test_munit_pays_for_pictures_contents_and_styles_that_do_not_come_back() -> None:
    """Equations 2 to 5, and the cycle of section 5.1."""
    objective = {"rebuilding": 10.0, "content": 2.0, "style": 3.0, "cycle": 5.0}
    recipe: Any = recipe_of(Munit, MunitConfig, STYLED, objective=objective)
    data = batch()
    fakes = recipe.play(data)
    terms = recipe.generator_terms(data, fakes)
    there, back = recipe.generators["a_to_b"], recipe.generators["b_to_a"]
    encoders = recipe.generators["style_a"], recipe.generators["style_b"]
    content, style = there.content(data["a"]), encoders[0](data["a"])
    fake = there.decode(content, data["style_b"])
    torch.testing.assert_close(fakes["b"], there(data["a"], data["style_b"]))
    expected = {
        "a/rebuilding": 10 * l1(back.decode(content, style), data["a"]),
        "a/content": 2 * l1(back.content(fake), content),
        "b/style": 3 * l1(encoders[1](fake), data["style_b"]),
        "a/cycle": 5 * l1(back.decode(back.content(fake), style), data["a"]),
        "b/fool": squares(recipe.adversaries["b"].critic(fake), 1),
    }
    for name, value in expected.items():
        assert terms[name].item() == pytest.approx(value, rel=1e-4), name
    assert {name for name in terms if name.startswith("b/")} >= {"b/rebuilding", "b/content", "b/cycle"}


@pytest.mark.parametrize("kind", [Munit, Unit])
def test_translations_each_way_are_compared_with_their_domain(kind: Any) -> None:
    styled = kind is Munit
    recipe: Any = recipe_of(kind, MunitConfig if styled else UnitConfig, STYLED if styled else SMALL)
    data, generators = batch(), recipe.generators.eval()
    with torch.no_grad():
        to_b, to_a = recipe.compared(generators, data)
        styles = ([data["style_b"]], [data["style_a"]]) if styled else ([], [])
        expected = generators["a_to_b"](data["a"], *styles[0]), generators["b_to_a"](data["b"], *styles[1])
    torch.testing.assert_close((to_b.made, to_a.made), expected, rtol=0, atol=1e-6)
    assert torch.equal(to_b.real, data["b"]) and torch.equal(to_a.real, data["a"])


def test_pictures_differ_in_their_styles_and_translations_by_theirs_from_the_start() -> None:
    """Weights of N(0, 0.02) made of any picture the same style, and no difference of any style."""
    recipe: Any = recipe_of(Munit, MunitConfig, MunitConfig.presets["quick"]["networks"], size=64)
    initialise_all(recipe, None)
    squares_of_colour = torch.rand(8, 3, 1, 1).expand(-1, -1, 64, 64) * 2 - 1
    with torch.no_grad():
        styles = recipe.style("b", squares_of_colour)
        content = recipe.content("a", pictures("a", count=1, size=64)["a"])
        one, other = (recipe.picture("b", content, torch.randn(1, 8)) for _ in range(2))
    assert styles.std(0).mean() > 0.05 and (one - other).abs().mean() > 0.1


def test_sizes_as_in_the_paper() -> None:
    config = resolve(MunitConfig, MunitConfig.presets["paper"])
    assert config.networks.generator_spec(256, 3, 3) == MunitSpec()
    assert config.networks.encoder_spec(3) == StyleEncoderSpec(codes=8, halvings=4)
    assert config.networks.critic_specs(3, energy=False) == [StridedSpec(layers=4)] * 3
    objective = config.objective
    assert (objective.rebuilding, objective.content, objective.style, objective.cycle) == (10, 1, 1, 0)
    unit = resolve(UnitConfig, UnitConfig.presets["paper"]).objective
    assert (unit.adversarial, unit.rebuilding, unit.cycle) == (10, 100, 100)
    assert (unit.divergence, unit.cycle_divergence) == (0.1, 0.1)


@pytest.mark.parametrize("preset", ["paper", "quick"])
def test_munit_trains_and_takes_styles(preset: str, domains: tuple[Path, Path], tmp_path: Path) -> None:
    run, (horses, zebras) = tmp_path / "run", domains
    small = ["--dense", 8, "--encoder-width", 4, "--blocks", 1, "--critics", 2]
    small += ["--precision", "bf16", "--recompute"] if preset == "quick" else []
    train_small("munit", preset, 20, run, "--a", horses, "--b", zebras, *small)
    written = {}
    call = ["translate", horses / "0.png", "--model", run, "--to", "zebras", "--device", "cpu"]
    for name, told in {"0": [], "1": ["--seed", 1], "like": ["--style-of", zebras / "3.png"]}.items():
        succeeded(img2img(*call, *told, "-o", tmp_path / f"{name}.png"))
        written[name] = (tmp_path / f"{name}.png").read_bytes()
    assert len(set(written.values())) == 3
    if preset == "quick":
        succeeded(img2img(*call, "--style-of", zebras / "3.png", "-o", f"{tmp_path}/out/"))
        assert (tmp_path / "out/0.png").read_bytes() == written["like"]
