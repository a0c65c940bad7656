"""CUT: PatchNCE against the paper's formula, and which patches of which pictures it compares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from support.running import img2img, succeeded, train
from torch import nn

from img2img.config.base import Refusal
from img2img.config.networks.translators import ResnetSpec
from img2img.config.toml import resolve
from img2img.config.train.cut import CutConfig
from img2img.data.sides import Sides
from img2img.recipes.cut import DIRECTION, HEADS, KEY, PLACE, Cut
from img2img.recipes.terms.patch_nce import PatchHeads, draw_places, mirrored, patch_nce, patches_at
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.training.launch import initialise_all
from img2img.weights.files import load, read_card

SMALL = {"width": 4, "critic_width": 4, "critic_layers": 1, "blocks": 2, "nce_width": 8}
NAMES = {"a": "horses", "b": "zebras"}


def made(channels: tuple[int, int] = (3, 3), **sections: dict[str, Any]) -> Cut:
    sections["networks"] = SMALL | sections.get("networks", {})
    sections["data"] = {"size": 32}
    torch.manual_seed(0)
    recipe = Cut(resolve(CutConfig, sections), Sides(dict(zip("ab", channels, strict=True)), NAMES))
    initialise_all(recipe, 0.3)
    return recipe


def batch(channels: int = 3, count: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {side: torch.rand(count, channels, 32, 32) * 2 - 1 for side in "ab"}


def published(queries: np.ndarray, keys: np.ndarray, temperature: float) -> float:
    """Equation 3 for the patches of one picture (S, D), term by term: -log of the share of its own."""
    losses = []
    for place, query in enumerate(queries):
        alike = [np.exp(query @ key / temperature) for key in keys]
        losses.append(-np.log(alike[place] / sum(alike)))
    return float(np.mean(losses))


def test_patch_nce_is_the_published_formula() -> None:
    generator = np.random.default_rng(0)
    queries, keys = (generator.normal(size=(2, 7, 5)) for _ in range(2))
    queries, keys = (values / np.linalg.norm(values, axis=-1, keepdims=True) for values in (queries, keys))
    found = patch_nce(torch.tensor(queries), torch.tensor(keys), 0.07)
    wanted = [published(query, key, 0.07) for query, key in zip(queries, keys, strict=True)]
    assert np.abs(found.numpy() - wanted).max() < 1e-9


def test_keys_get_no_gradient() -> None:
    queries, keys = (torch.randn(1, 4, 3, requires_grad=True) for _ in range(2))
    patch_nce(queries, keys, 1.0).sum().backward()
    assert queries.grad is not None and queries.grad.abs().sum() > 0 and keys.grad is None


def test_the_whole_term_is_the_mean_over_layers_pictures_and_places() -> None:
    """Generator, heads and both weights; everything but the activations themselves in plain numpy."""
    recipe = made(objective={"nce": 2.0, "nce_identity": 0.5, "nce_patches": 9, "nce_temperature": 0.2})
    data = batch()
    fakes = recipe.play(data)
    terms = recipe.generator_terms(data, fakes)
    generator, heads = recipe.generators[DIRECTION], recipe.generators[HEADS]

    def vectors(pictures: torch.Tensor, layer: str) -> np.ndarray:
        maps = generator.activations(pictures, [layer])[layer].detach().flatten(2).numpy()
        patches = maps[:, :, fakes[PLACE + layer].numpy()].transpose(0, 2, 1)
        first, _, second = heads.heads[layer]
        (w1, b1), (w2, b2) = ((part.weight.detach().numpy(), part.bias.detach().numpy()) for part in (first, second))
        found = np.maximum(patches @ w1.T + b1, 0) @ w2.T + b2
        return found / np.maximum(np.linalg.norm(found, axis=-1, keepdims=True), 1e-12)  # all of a head may be off

    for name, weight, source, result in (
        ("nce", 2.0, data["a"], generator(data["a"])),
        ("nce_identity", 0.5, data["b"], generator(data["b"])),
    ):
        by_layer = []
        for layer in recipe.layers:
            queries, keys = vectors(result, layer), vectors(source, layer)
            assert queries.shape[1] == 9
            by_layer.append(np.mean([published(*pair, 0.2) for pair in zip(queries, keys, strict=True)]))
        assert abs(terms[name].item() - weight * np.mean(by_layer)) < 1e-4


def test_the_adversarial_terms_are_cyclegans() -> None:
    recipe, data = made(objective={"adversarial": 3.0}), batch()
    fakes = recipe.play(data)
    real, fake = (recipe.adversaries["b"].critic(pictures) for pictures in (data["b"], fakes["b"]))
    charged = recipe.critic_terms(data, fakes)
    assert abs(charged["real"] - ((real - 1) ** 2).mean() / 4) < 1e-5
    assert abs(charged["fake"] - (fake**2).mean() / 4) < 1e-5
    assert abs(recipe.generator_terms(data, fakes)["fool"] - 3 * ((fake - 1) ** 2).mean() / 2) < 1e-4


def test_both_passes_in_one_change_nothing() -> None:
    recipe, data = made(), batch()
    found = []
    for recipe.one_pass in (True, False):
        torch.manual_seed(3)
        found.append(recipe.play(data))
    assert found[0].keys() == found[1].keys()
    assert all((found[0][name] - found[1][name]).abs().max() < 1e-4 for name in found[0])
    assert not made(networks={"norm": "batch"}).one_pass


def test_mirrored_batches_are_compared_place_by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator that only adds commutes with mirrors, so that it hardly matters which way it was given."""
    recipe, data = made(networks={"nce_layers": "picture"}, objective={"flip_equivariance": True}), batch()
    monkeypatch.setattr(torch, "rand", lambda *shape: torch.tensor(0.9))
    torch.manual_seed(2)
    plain = recipe.play(data)
    monkeypatch.setattr(torch, "rand", lambda *shape: torch.tensor(0.1))
    torch.manual_seed(2)
    flipped = recipe.play(data)
    assert torch.equal(plain[KEY + "picture"], flipped[KEY + "picture"]), "keys are of the pictures as they were"
    with torch.no_grad():
        assert (flipped["b"] - recipe.generators[DIRECTION](data["a"].flip(3))).abs().max() < 1e-5
        assert (plain["b"] - recipe.generators[DIRECTION](data["a"])).abs().max() < 1e-5
    shown = patches_at(data["a"].flip(3), flipped[PLACE + "picture"])
    assert torch.equal(shown, flipped[KEY + "picture"][:2])


def test_places_of_a_mirrored_picture() -> None:
    places = torch.arange(6)
    assert mirrored(places, 3).tolist() == [2, 1, 0, 5, 4, 3]
    picture = torch.randn(1, 2, 2, 3)
    assert torch.equal(patches_at(picture, places), patches_at(picture.flip(3), mirrored(places, 3)))


def test_at_most_so_many_places_each_once() -> None:
    assert len(draw_places(torch.zeros(1, 1, 3, 4), 256)) == 12
    assert len(set(draw_places(torch.zeros(1, 1, 30, 40), 256).tolist())) == 256


def test_heads_give_unit_vectors_by_which_the_generator_and_they_learn() -> None:
    heads = PatchHeads({"picture": 3, "down1": 6}, 8)
    found = heads({"picture": torch.randn(2, 5, 3), "down1": torch.randn(2, 5, 6)})
    assert all(torch.allclose(values.norm(dim=-1), torch.ones(2, 5)) for values in found.values())
    recipe, data = made(), batch()
    terms = recipe.generator_terms(data, recipe.play(data))
    (terms["nce"] + terms["nce_identity"]).backward()
    for name in (DIRECTION, HEADS):
        slopes = [weight.grad.abs().sum() for weight in recipe.generators[name].parameters() if weight.grad is not None]
        assert slopes and torch.stack(slopes).sum() > 0


def test_without_gradients_only_the_fakes_are_computed() -> None:
    recipe, data = made(), batch()
    with torch.no_grad():
        assert set(recipe.play(data)) == {"b"}


@pytest.mark.parametrize("generator", ["resnet", "unet"])
def test_layers_are_those_of_the_generator(generator: str) -> None:
    recipe = made(networks={"generator": generator, "nce_layers": "picture, down2"})
    assert recipe.layers == ("picture", "down2")
    with pytest.raises(Refusal, match=r"'block7' is no activation of .*, which has picture, down1"):
        made(networks={"generator": generator, "nce_layers": "down1,block7"})
    with pytest.raises(Refusal, match="twice"):
        made(networks={"generator": generator, "nce_layers": "down1,down1"})
    data = batch()
    recipe = made(networks={"generator": generator})
    assert all(term.isfinite() for term in recipe.generator_terms(data, recipe.play(data)).values())


def test_the_default_layers_are_the_papers() -> None:
    assert ResnetSpec().compared == ("picture", "down1", "down2", "block1", "block5")
    assert ResnetSpec(blocks=1).compared == ("picture", "down1", "down2", "block1")


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(Refusal, match="horses has 1 channels"):
        made(channels=(1, 3))
    with pytest.raises(Refusal, match="--antialias goes with --generator resnet"):
        made(networks={"generator": "unet", "antialias": True})


def test_grey_domains() -> None:
    recipe, data = made(channels=(1, 1)), batch(1)
    recipe.generator_terms(data, recipe.play(data))
    assert len(recipe.show(recipe.generators, data)) == 4


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


@pytest.mark.parametrize("preset", ["paper", "fastcut"])
def test_parameter_counts_and_weights_of_the_papers_presets(preset: str) -> None:
    config = resolve(CutConfig, CutConfig.presets[preset])
    with torch.device("meta"):
        recipe = Cut(config, Sides({"a": 3, "b": 3}, NAMES))
    assert count(recipe.generators[DIRECTION]) == 11_378_179
    assert count(recipe.generators[HEADS]) == 560_384
    assert count(recipe.adversaries["b"].critic) == 2_764_737
    objective, optimisation = config.objective, config.optimisation
    weights = (objective.nce, objective.nce_identity, objective.flip_equivariance)
    assert weights == ((0.5, 0.5, False) if preset == "paper" else (10.0, 0.0, True))
    assert (objective.nce_patches, objective.nce_temperature, objective.pool) == (256, 0.07, 0)
    constant = config.run.epochs * optimisation.decay_from
    assert (constant, config.run.epochs) == ((200, 400) if preset == "paper" else (150, 200))


@pytest.mark.slow
@pytest.mark.parametrize("preset", CutConfig.presets)
def test_a_short_run_by_each_preset_and_what_it_leaves(preset: str, domains, tmp_path) -> None:
    out = tmp_path / "run"
    options = ["--preset", preset, "--a", domains[0], "--b", domains[1], "--load-size", 34, "--blocks", 2]
    said = succeeded(train("cut", *options, "--steps", 20, out=out)).stderr
    assert "finished at step 20 of 20" in said and "beside it" in said
    card = read_card(out / "weights.safetensors")
    assert (card.task, card.recipe, set(card.networks)) == ("translate", "cut", {DIRECTION})
    held, _ = load(out / "weights.safetensors")
    assert set(held) == {DIRECTION}
    kept = load_checkpoint(out / "checkpoint.safetensors")["generators"]
    assert any(name.startswith(HEADS) for name in kept)
    assert (out / "samples/00000020.png").exists()
    photo = sorted(domains[0].iterdir())[0]
    result = tmp_path / "zebra.png"
    succeeded(img2img("translate", photo, "-o", result, "--model", out, "--to", domains[1].name, "--device", "cpu"))
    assert result.exists()


def test_in_bf16_the_contrast_is_taken_in_float32(domains, tmp_path) -> None:
    options = ["--a", domains[0], "--b", domains[1], "--blocks", 1, "--precision", "bf16", "--steps", 2]
    assert "cpu, bf16" in succeeded(train("cut", *options, out=tmp_path / "run")).stderr
    with torch.autocast("cpu", torch.bfloat16):
        recipe, data = made(), batch()
        fakes = recipe.play(data)
        assert fakes["b"].dtype == torch.float32
        terms = recipe.generator_terms(data, fakes)
    assert {term.dtype for term in terms.values()} == {torch.float32}
