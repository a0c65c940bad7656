"""UNIT: its losses by the paper's formulas, what its ways share, and runs of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from support.running import img2img, succeeded
from support.translators import l1, pictures, recipe_of, squares, train_small

from img2img.config.base import Refusal
from img2img.config.train.unit import UnitConfig
from img2img.recipes.unit import Unit
from img2img.weights.files import load, read_card

SMALL = {"width": 4, "blocks": 2, "critic_width": 4, "critic_layers": 1, "critics": 2}


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
