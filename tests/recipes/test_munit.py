"""MUNIT and UNIT: their losses by the papers' formulas, what they share, and runs of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.running import img2img, succeeded
from support.translators import l1, pictures, recipe_of, squares, train_small
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.networks.content import MunitSpec
from img2img.config.networks.critics import StridedSpec
from img2img.config.networks.encoders import StyleEncoderSpec
from img2img.config.toml import resolve
from img2img.config.train.munit import MunitConfig
from img2img.config.train.unit import UnitConfig
from img2img.networks import build
from img2img.recipes.munit import Munit
from img2img.recipes.unit import Unit
from img2img.weights.files import load, read_card

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


def test_unit_pays_for_rebuilding_cycles_and_divergence() -> None:
    """Equations 3, 5 and 8, with contents drawn without noise."""
    objective = {"adversarial": 7.0, "rebuilding": 10.0, "divergence": 2.0, "cycle": 3.0, "cycle_divergence": 5.0}
    recipe: Any = recipe_of(Unit, UnitConfig, SMALL, objective=objective)
    recipe.noise = torch.zeros_like
    data = pictures("a", "b")
    terms = recipe.generator_terms(data, recipe.play(data))
    there, back = recipe.generators["a_to_b"], recipe.generators["b_to_a"]
    content = there.content(data["a"])
    fake = there.decode(content)
    again = back.content(fake)
    expected = {
        "a/rebuilding": 10 * l1(back.decode(content), data["a"]),
        "a/divergence": 2 * (content.detach().numpy().astype(np.float64) ** 2).mean() / 2,
        "a/cycle": 3 * l1(back.decode(again), data["a"]),
        "a/cycle_divergence": 5 * (again.detach().numpy().astype(np.float64) ** 2).mean() / 2,
        "b/fool": 7 * squares(recipe.adversaries["b"].critic(fake), 1),
    }
    for name, value in expected.items():
        assert terms[name].item() == pytest.approx(value, rel=1e-4), name


def test_units_contents_are_drawn_with_variance_one() -> None:
    recipe: Any = recipe_of(Unit, UnitConfig, SMALL)
    fakes = recipe.play(pictures("a", "b"))
    drawn = fakes["drawn_a"] - fakes["mean_a"]
    assert drawn.std().item() == pytest.approx(1, abs=0.1) and abs(drawn.mean().item()) < 0.1


def test_unit_shares_the_blocks_next_to_the_content() -> None:
    recipe: Any = recipe_of(Unit, UnitConfig, SMALL)
    one, other = recipe.generators["a_to_b"], recipe.generators["b_to_a"]
    assert one.encoder.blocks[-1] is other.encoder.blocks[-1] and one.decoder.blocks[0] is other.decoder.blocks[0]
    assert one.encoder.blocks[0] is not other.encoder.blocks[0]
    with pytest.raises(Refusal, match="--shared 3: allowed: up to --blocks, 2"):
        recipe_of(Unit, UnitConfig, SMALL | {"shared": 3})


def test_a_style_scales_and_moves_every_map_of_the_decoder() -> None:
    """Its blocks' norms have mean and deviation of what the dense layers say: (arXiv:1703.06868, equation 8)."""
    torch.manual_seed(0)
    block: Any = build(MunitSpec(width=2, blocks=1)).decoder.blocks[0]
    slope, offset = torch.rand(1, 8) + 0.5, torch.randn(1, 8)
    made = block._normed(torch.randn(1, 8, 16, 16) * 3 + 1, torch.cat([slope, offset], dim=1))
    torch.testing.assert_close(made.mean(dim=(2, 3)), offset, rtol=0, atol=1e-4)
    torch.testing.assert_close(made.std(dim=(2, 3), correction=0), slope, rtol=1e-3, atol=0)


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


@pytest.mark.parametrize(("layers", "field"), [(1, 4), (2, 10), (3, 22), (4, 46)])
def test_what_one_score_of_the_critic_sees(layers: int, field: int) -> None:
    spec = StridedSpec(width=1, layers=layers)
    assert spec.receptive_field == field
    critic: Any = build(spec).double()
    image = torch.zeros(1, 3, 128, 128, dtype=torch.double, requires_grad=True)
    scores = critic(image)
    scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2].backward()
    assert image.grad is not None
    seen = image.grad.abs().sum(dim=(0, 1)).nonzero()
    assert ((seen.max(0).values - seen.min(0).values) + 1).tolist() == [field, field]


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


@pytest.mark.parametrize("preset", ["paper", "quick"])
def test_unit_trains_and_its_file_holds_what_is_shared_for_each_way(
    preset: str, domains: tuple[Path, Path], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    small = ["--blocks", 1, "--critics", 2]
    small += ["--precision", "bf16", "--recompute"] if preset == "quick" else []
    train_small("unit", preset, 20, run, "--a", domains[0], "--b", domains[1], *small)
    networks, _ = load(run / "weights.safetensors")
    one, other = (networks[name].state_dict() for name in ("a_to_b", "b_to_a"))
    shared = "encoder.blocks.0.first.weight"
    assert torch.equal(one[shared], other[shared])
    assert not torch.equal(one["encoder.stages.0.0.weight"], other["encoder.stages.0.0.weight"])
    assert not read_card(run / "weights.safetensors").networks["a_to_b"].is_told
    succeeded(
        img2img(
            "translate", domains[0] / "0.png", "--model", run, "--to", "all", "--device", "cpu", "-o", f"{tmp_path}/o/"
        )
    )
    assert sorted(path.name for path in (tmp_path / "o").glob("*.png")) == ["0.horses.png", "0.zebras.png"]
