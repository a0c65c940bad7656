"""BicycleGAN: its losses by the paper's formulas, who feels which, and a run from pairs to variants."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.running import img2img, succeeded
from support.translators import l1, pictures, recipe_of, squares, train_small
from torch import Tensor

from img2img import load
from img2img.config.base import Refusal
from img2img.config.card import CODES
from img2img.config.networks.encoders import ResidualEncoderSpec
from img2img.config.networks.told_translators import BicycleSpec
from img2img.config.toml import resolve
from img2img.config.train.bicyclegan import BicycleganConfig
from img2img.recipes.bicyclegan import Bicyclegan
from img2img.weights.files import read_card

SMALL = {"width": 4, "encoder_width": 4, "critic_width": 4, "critic_layers": 1, "latent": 3}


def made(**objective: Any) -> Bicyclegan:
    recipe: Bicyclegan = recipe_of(Bicyclegan, BicycleganConfig, SMALL, objective=objective)
    return recipe


def batch() -> dict[str, Tensor]:
    return pictures("a", "b") | {"latent": torch.randn(2, 3), "noise": torch.randn(2, 3)}


def test_the_generator_pays_for_both_cycles() -> None:
    """Equations 5, 6, 8 and 9, with one critic of each kind."""
    recipe: Any = recipe_of(
        Bicyclegan, BicycleganConfig, SMALL | {"critics": 1},
        objective={"l1": 3.0, "divergence": 2.0, "recovery": 5.0},
    )  # fmt: skip
    data = batch()
    fakes = recipe.play(data)
    terms = recipe.generator_terms(data, fakes)
    generator, encoder = recipe.generators["a_to_b"], recipe.generators["encoder"]
    mean, log_variance = encoder(data["b"]).chunk(2, dim=1)
    rebuilt = generator(data["a"], mean + (log_variance / 2).exp() * data["noise"])
    drawn = generator(data["a"], data["latent"])
    torch.testing.assert_close(fakes["rebuilt"], rebuilt, rtol=0, atol=1e-5)
    torch.testing.assert_close(fakes["drawn"], drawn, rtol=0, atol=1e-5)
    mu, log = (values.detach().numpy().astype(np.float64) for values in (mean, log_variance))
    assert terms["divergence"].item() == pytest.approx(
        2 * 0.5 * (mu**2 + np.exp(log) - 1 - log).sum(1).mean(), rel=1e-4, abs=1e-8
    )
    assert terms["l1"].item() == pytest.approx(3 * l1(rebuilt, data["b"]), rel=1e-4)
    assert terms["recovery"].item() == pytest.approx(5 * l1(encoder(drawn)[:, :3], data["latent"]), rel=1e-4)
    for name, fake in {"rebuilt": rebuilt, "drawn": drawn}.items():
        scores = recipe.adversaries[name].critic(fake)
        assert terms[f"{name}/fool"].item() == pytest.approx(squares(scores, 1), rel=1e-4)


def test_what_is_made_of_the_targets_own_code_is_compared_with_it() -> None:
    recipe, data = made(), batch()
    generators = recipe.generators.eval()
    with torch.no_grad():
        (pair,) = recipe.compared(recipe.generators, data)
        mean = generators["encoder"](data["b"])[:, :3]
        expected = generators["a_to_b"](data["a"], mean)
        drawn = generators["a_to_b"](data["a"], data["latent"])
    torch.testing.assert_close(pair.made, expected, rtol=0, atol=1e-6)
    assert torch.equal(pair.real, data["b"]) and not torch.allclose(pair.made, drawn, atol=1e-6)


def test_each_kind_of_fake_has_critics_of_its_own_in_two_resolutions() -> None:
    recipe, data = made(), batch()
    assert list(recipe.adversaries) == ["rebuilt", "rebuilt_half", "drawn", "drawn_half"]
    assert recipe.adversaries["drawn"].critic.stages[0][0].out_channels == 4
    assert recipe.adversaries["drawn_half"].critic.stages[0][0].out_channels == 2
    fakes = recipe.play(data)
    terms = recipe.critic_terms(data, fakes)
    half = torch.nn.functional.avg_pool2d(data["b"], 3, 2, 1, count_include_pad=False)
    scores = recipe.adversaries["drawn_half"].critic(half)
    assert terms["drawn/half/real"].item() == pytest.approx(squares(scores, 1), rel=1e-4)


def test_the_generator_alone_feels_that_a_latent_is_not_recovered() -> None:
    recipe, data = made(), batch()
    recipe.generator_terms(data, recipe.play(data))["recovery"].backward()
    slopes = [weight.grad for weight in recipe.generators["encoder"].parameters()]
    assert all(slope is None or not slope.any() for slope in slopes)
    assert any(weight.grad.abs().sum() > 0 for weight in recipe.generators["a_to_b"].parameters())


def test_sizes_as_in_the_paper() -> None:
    config = resolve(BicycleganConfig, BicycleganConfig.presets["paper"])
    spec = config.networks.generator_spec(256, 3, 3)
    assert spec == BicycleSpec(latent=8, levels=8, upsample="deconv")
    assert config.networks.encoder_spec(256, 3) == ResidualEncoderSpec(codes=16, halvings=5)
    fields = [spec.receptive_field for spec in config.networks.critic_specs(3, energy=False)]
    assert fields == [70, 70], "the second one's is 140 px of the whole picture"
    objective = config.objective
    assert (objective.l1, objective.recovery, objective.divergence) == (10, 0.5, 0.01)


def test_energies_are_refused() -> None:
    with pytest.raises(Refusal, match="--game began"):
        made(game="began")


@pytest.fixture(scope="module")
def run(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bicycle") / "run"
    train_small("bicyclegan", "quick", 20, out, "--pairs", pairs, "--encoder-width", 4, "--name-b", "shoes")
    return out


def test_the_papers_preset_trains_in_half_precision_too(pairs: Path, tmp_path: Path) -> None:
    small = ["--encoder-width", 4, "--precision", "bf16", "--recompute"]
    train_small("bicyclegan", "paper", 20, tmp_path / "run", "--pairs", pairs, *small)


def variants(run: Path, *arguments: object) -> Any:
    return img2img("translate", "--device", "cpu", "--model", run, *arguments)


def test_variants_have_numbers_which_alone_decide_them(run: Path, pairs: Path, tmp_path: Path) -> None:
    card = read_card(run / "weights.safetensors")
    assert card.networks["encoder"].target == CODES and card.networks["a_to_b"].prior is not None
    photo = pairs / "0.png"
    succeeded(variants(run, photo, "--variants", 3, "--seed", 2, "-o", f"{tmp_path}/out/"))
    found = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.png")}
    assert sorted(found) == ["0.shoes-2.png", "0.shoes-3.png", "0.shoes-4.png"]
    assert len(set(found.values())) == 3
    succeeded(variants(run, photo, "--seed", 3, "-o", tmp_path / "one.png"))
    assert (tmp_path / "one.png").read_bytes() == found["0.shoes-3.png"]
    result = succeeded(variants(run, pairs, "--variants", 2, "--seed", 3, "-o", f"{tmp_path}/out/"))
    assert "skipped (done before)" in result.stderr, "by the manifest, whatever the order"
    assert (tmp_path / "out/5.shoes-4.png").exists()


def test_a_style_is_taken_from_a_given_picture(run: Path, pairs: Path, tmp_path: Path) -> None:
    photo, written = pairs / "0.png", {}
    for name in ("1", "2"):
        succeeded(variants(run, photo, "--style-of", pairs / f"{name}.png", "-o", tmp_path / f"{name}.png"))
        written[name] = (tmp_path / f"{name}.png").read_bytes()
    assert written["1"] != written["2"]
    picture = torch.rand(3, 32, 32) * 2 - 1
    drawn, again, like = (
        load(run, device="cpu", **told)(picture) for told in ({"seed": 1}, {"seed": 2}, {"style_of": pairs / "1.png"})
    )
    assert not torch.equal(drawn, again) and not torch.equal(drawn, like)
    result = variants(run, photo, "--style-of", pairs / "1.png", "--variants", 2)
    assert result.exit_code == 2 and "give one of them" in result.stderr


def test_a_strip_shows_variants_beside_each_other(run: Path, pairs: Path, tmp_path: Path) -> None:
    succeeded(variants(run, pairs, "--variants", f"4,{tmp_path / 'strip.png'}"))
    strip = Image.open(tmp_path / "strip.png")
    assert 5 * 256 < strip.width < 6 * 256, "five columns"
    assert 6 * 128 < strip.height < 7 * 128, "six photos, twice as wide as high"
    again = variants(run, pairs, "--variants", tmp_path / "strip.png")
    assert again.exit_code == 2 and "exists already" in again.stderr


@pytest.mark.parametrize("text", ["0", "-1", "two", "1000", "2,3", "strip.gif", "a.png,b.png"])
def test_what_variants_takes_is_said(run: Path, pairs: Path, text: str) -> None:
    result = variants(run, pairs / "0.png", "--variants", text)
    assert result.exit_code == 2 and result.stderr.startswith("error: --variants")
    assert "a number from 1 to 100, a strip's file name" in result.stderr, "whatever was wrong, all that is allowed"


def test_how_far_variants_are_apart_is_measured(run: Path, pairs: Path, inception: Path, monkeypatch: Any) -> None:
    from img2img.cli.evaluate import translate
    from img2img.metrics import LPIPS

    network = LPIPS("alex")
    for weight in network.linear.parameters():
        weight.abs_()  # drawn by chance they may be negative, as distances then
    monkeypatch.setattr(translate, "lpips_networks", lambda measures, device: {"alex": network})
    call = ["evaluate", "translate", "--model", run, "--pairs", pairs, "--inception", inception, "--device", "cpu"]
    (found,) = json.loads(succeeded(img2img(*call, "--json")).stdout)["comparisons"]
    assert found["figures"]["diversity_alex"] > 0
