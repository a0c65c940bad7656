"""Inpainting's two bills in both phases, whatever the networks are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.playing import INPAINT, LIGHT, SIDE, changed_by_a_step
from torch import Tensor, nn
from torch.nn.functional import l1_loss, mse_loss

from img2img.config.base import Refusal
from img2img.config.sections.two_phases import PRETRAINING
from img2img.config.train.inpaint import InpaintObjective
from img2img.recipes.inpaint import completed, masked, pixel_weights, weighted_mean

GATED = LIGHT | {"generator": "gated", "blocks": None}
DENSE = LIGHT | {"generator": "context-encoder", "blocks": None, "bottleneck": 3}
made, batch = INPAINT.made, INPAINT.batch


# -- pixels ------------------------------------------------------------------------------------------------------------


def test_by_default_every_pixel_counts_alike() -> None:
    given = batch()
    costs = (given["high"] - 0.1).abs()
    found = weighted_mean(costs, pixel_weights(given["mask"], InpaintObjective()))
    assert abs(found - costs.mean()) < 1e-6


def test_with_no_weight_for_known_pixels_the_mean_is_over_the_hole() -> None:
    given = batch()
    costs = (given["high"] - 0.1).abs()
    found = weighted_mean(costs, pixel_weights(given["mask"], InpaintObjective(hole_pixels=3.0, known_pixels=0.0)))
    assert abs(found - 3 * costs[:, :, 4:12, 4:12].mean()) < 1e-6
    with_both = weighted_mean(costs, pixel_weights(given["mask"], InpaintObjective(hole_pixels=3, known_pixels=0.5)))
    hole, whole = costs[:, :, 4:12, 4:12].sum(), costs.sum()
    assert abs(with_both - (3 * hole + 0.5 * (whole - hole)) / costs.numel()) < 1e-6


def test_a_batch_without_a_hole_costs_nothing_then() -> None:
    weights = pixel_weights(torch.zeros(2, 1, 4, 4), InpaintObjective(known_pixels=0.0))
    assert weighted_mean(torch.ones(2, 3, 4, 4), weights) == 0


def test_the_band_around_the_hole_weighs_more() -> None:
    """An irregular hole, its band by brute force: known pixels within 2 px of the hole, along both axes."""
    torch.manual_seed(1)
    mask = (torch.rand(1, 1, 12, 12) < 0.05).float()
    objective = InpaintObjective(hole_pixels=0.5, known_pixels=0.1, overlap=2, overlap_weight=10.0)
    weights = pixel_weights(mask, objective)[0, 0]
    holes = mask[0, 0].nonzero().tolist()
    for row in range(12):
        for column in range(12):
            away = min(max(abs(row - y), abs(column - x)) for y, x in holes)
            wanted = 0.5 if away == 0 else 5.0 if away <= 2 else 0.1
            assert abs(weights[row, column] - wanted) < 1e-6, (row, column)
    assert (weights == 5).any() and (weights < 0.2).any()


@pytest.mark.parametrize(("name", "cost"), [("l1", l1_loss), ("mse", mse_loss)])
def test_pretraining_is_pixels_alone(name: str, cost: Any) -> None:
    recipe, given = made(networks=GATED, objective={"pixel_cost": name, "coarse": 0.25}), batch()
    recipe.phase = PRETRAINING
    fakes = recipe.play(given)
    assert list(fakes) == ["coarse 1", "final", "completed"]
    assert recipe.critic_terms(given, fakes) == {}
    terms = recipe.generator_terms(given, fakes)
    assert set(terms) == {"pixel", "coarse"}
    assert abs(terms["pixel"] - cost(fakes["final"], given["high"])) < 1e-6
    assert abs(terms["coarse"] - 0.25 * cost(fakes["coarse 1"], given["high"])) < 1e-6


def test_earlier_stages_are_free_where_they_weigh_nothing() -> None:
    recipe, given = made(networks=GATED, objective={"coarse": 0.0}), batch()
    assert set(recipe.generator_terms(given, recipe.play(given))) == {"fool", "pixel"}


# -- what is seen ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("networks", [LIGHT, GATED], ids=["light", "gated"])
def test_nothing_of_the_hole_leaks(networks: dict[str, Any]) -> None:
    recipe, given = made(networks=networks), batch()
    other = given | {"high": torch.where(given["mask"] > 0, 0.77, given["high"])}
    before, after = recipe.play(given), recipe.play(other)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert torch.equal(masked(given["high"], given["mask"])[:, :3, 4:12, 4:12], torch.zeros(2, 3, 8, 8))


def test_the_critic_sees_the_completed_picture_and_the_mask(monkeypatch) -> None:
    recipe, given = made(), batch()
    fakes = recipe.play(given)
    inside, outside = fakes["completed"].clone(), fakes["completed"].clone()
    assert torch.equal(inside[:, :, 4:12, 4:12], fakes["final"][:, :, 4:12, 4:12])
    outside[:, :, 4:12, 4:12] = given["high"][:, :, 4:12, 4:12]
    assert torch.equal(outside, given["high"])
    seen: list[tuple[Tensor, Tensor | None]] = []
    critic = recipe.adversaries["high"].critic
    features = critic.features

    def watched(image: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        seen.append((image, mask))
        return features(image, mask)

    monkeypatch.setattr(critic, "features", watched)
    recipe.critic_terms(given, fakes)
    image, mask = seen.pop()
    assert mask is not None and torch.equal(mask, torch.cat([given["mask"]] * 2))
    assert torch.equal(image, torch.cat([given["high"], fakes["completed"]]))
    recipe.generator_terms(given, fakes)
    image, mask = seen.pop()
    assert image is fakes["completed"] and mask is given["mask"]


def test_then_all_terms_count_as_weighted(vgg19: Path) -> None:
    objective = {"perceptual": 3.0, "perceptual_layers": "relu1_2", "style": 2.0, "style_layers": "relu1_1"}
    weights = {"adversarial": 0.5, "hole_pixels": 7.0, "known_pixels": 7.0, "vgg19": vgg19}
    # Without spectral norm, which moves with every pass.
    recipe, given = made(objective=objective | weights, networks={"critic_norm": "none"}), batch()
    fakes = recipe.play(given)
    assert set(recipe.critic_terms(given, fakes)) == {"real", "fake"}
    terms = recipe.generator_terms(given, fakes)
    assert set(terms) == {"fool", "pixel", "perceptual", "style"}
    fake, real = fakes["completed"], given["high"]
    assert abs(terms["pixel"] - 7 * (fakes["final"] - real).abs().mean()) < 1e-5
    paid = recipe.adversaries["high"].generator_terms(fake, real, given["mask"])["fool"]
    assert abs(terms["fool"] - 0.5 * paid) < 1e-5
    of_features = recipe.frozen["features"](fake, real)
    assert all(abs(terms[name] - of_features[name]) < 1e-5 for name in ("perceptual", "style"))


@pytest.mark.parametrize("term", ["perceptual", "style"])
def test_gradients_of_activations_reach_the_generator(term: str, vgg19: Path) -> None:
    """A step along the gradient makes the term smaller by as much as its slope says."""
    layers = {"perceptual_layers": "relu1_2", "style_layers": "relu1_2", "perceptual_cost": "mse", "vgg19": vgg19}
    only = {"perceptual": 0.0, "adversarial": 0.0, "hole_pixels": 0.0, "known_pixels": 0.0} | {term: 1.0}
    recipe = made(objective=layers | only, optimisation={"pretrain_steps": 0}, networks={"noise": False})
    given, weights = batch(), list(recipe.generators.parameters())
    with torch.no_grad():  # the light generator's last layer begins at zero, and what is before it learns nothing then
        for weight in weights:
            weight += 0.05 * torch.randn_like(weight)
    terms = recipe.generator_terms(given, recipe.play(given))
    assert list(terms) == [term]
    slopes = torch.autograd.grad(terms[term], weights)
    steepness = sum(slope.square().sum().item() for slope in slopes)
    rate = 1e-3 * terms[term].item() / steepness
    with torch.no_grad():
        for weight, slope in zip(weights, slopes, strict=True):
            weight -= rate * slope
        after = recipe.generator_terms(given, recipe.play(given))[term]
    assert abs((terms[term] - after).item() / (rate * steepness) - 1) < 0.1


def test_known_pixels_pay_nothing_but_for_themselves() -> None:
    """The critic's bill has no slope in what the network made of the known pixels: they are the picture's own."""
    no_pixels = {"hole_pixels": 0.0, "known_pixels": 0.0}
    recipe, given = made(objective=no_pixels, optimisation={"pretrain_steps": 0}), batch()
    final = torch.zeros(2, 3, SIDE, SIDE, requires_grad=True)
    fakes = {"final": final, "completed": completed(given["high"], given["mask"], final)}
    (slope,) = torch.autograd.grad(sum(recipe.generator_terms(given, fakes).values()), final)
    assert slope[:, :, 4:12, 4:12].abs().min() > 0
    assert (slope * (1 - given["mask"])).abs().max() == 0


# -- players -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("generator", ["light", "gated", "context-encoder"])
@pytest.mark.parametrize("critic", ["sn-patch", "global-local", "context", "unet", "patch"])
def test_every_critic_learns_and_teaches_every_generator(critic: str, generator: str) -> None:
    layers = None if critic == "unet" else 2
    networks = {"generator": generator, "critic": critic, "critic_layers": layers, "blocks": None}
    objective = {"hole_pixels": 0.0, "known_pixels": 0.0}
    run = INPAINT.trainer(1, networks=networks, optimisation={"pretrain_steps": 0}, objective=objective)
    generators, critics, terms = changed_by_a_step(run, INPAINT)
    assert set(terms) == {"generator/fool", "critic/real", "critic/fake"} and run.skipped == 0
    assert any(generators) and sum(critics) > len(critics) / 2


def test_activations_can_be_computed_again() -> None:
    """The same slopes, whether activations are kept or not, and then once more forwards; in both ways through it."""
    for networks in (LIGHT, GATED):
        passes: list[bool] = []
        slopes = []
        for recompute in (False, True):
            recipe, given = made(networks=networks, run={"recompute": recompute}), batch()
            first = next(module for module in recipe.generators.modules() if isinstance(module, nn.Conv2d))
            first.register_forward_pre_hook(lambda *_, again=recompute, passes=passes: passes.append(again))
            total = torch.stack(list(recipe.generator_terms(given, recipe.play(given)).values())).sum()
            slopes.append(torch.autograd.grad(total, list(recipe.generators.parameters()), allow_unused=True))
        assert passes == [False, True, True]
        assert all(one is None or (one - other).abs().max() < 1e-6 for one, other in zip(*slopes, strict=True))
        assert any(one is not None and one.any() for one in slopes[0])


# -- what is shown and said --------------------------------------------------------------------------------------------


def test_a_sheet_shows_what_is_the_networks_and_what_becomes_of_it() -> None:
    recipe, given = made(networks=GATED), batch()
    row = {name: images[:1] for name, images in given.items()}
    columns = dict(recipe.show(recipe.generators, row))
    assert list(columns) == ["image", "masked", "network's own", "completed"]
    assert torch.equal(columns["image"], row["high"])
    assert torch.equal(columns["masked"], row["high"] * (1 - row["mask"]))
    assert torch.equal(columns["completed"], completed(row["high"], row["mask"], columns["network's own"]))
    assert not torch.equal(columns["completed"], columns["network's own"])


def test_the_card_says_which_size_it_knows() -> None:
    card = made().network_cards()["inpaint"]
    assert (card.size, card.source, card.target) == (SIDE, "masked", "completed") and card.spec.channels == 3


@pytest.mark.parametrize(
    ("sections", "complaint"),
    [
        ({"data": {"size": 20}}, r"--size 20: the generator, light-inpaint, takes multiples of 8 px"),
        (
            {"networks": {"critic": "context", "critic_layers": 3}},
            r"--size 16: the critic, context-critic, .* from 32 px",
        ),
        ({"objective": {"adversarial": 0, "hole_pixels": 0, "known_pixels": 0}}, "nothing is left to learn from"),
        ({"objective": {"hole_pixels": 0, "known_pixels": 0}}, "use --pretrain-steps 0"),
        (
            {"networks": DENSE, "optimisation": {"batch_size": 1}},
            "--batch-size 1: the generator, context-encoder, has layers .* allowed: 2 or more",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused(sections: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint):
        made(**sections)


@pytest.mark.parametrize(("networks", "count"), [(DENSE, 2), (DENSE | {"bottleneck": None}, 1)])
def test_the_smallest_batch_that_is_taken_can_be_learnt_from(networks: dict[str, Any], count: int) -> None:
    run = INPAINT.trainer(1, networks=networks, optimisation={"batch_size": count, "pretrain_steps": 0})
    terms, _ = run.take_step(run.batches(INPAINT))
    assert run.skipped == 0 and all(torch.isfinite(term) for term in terms.values())
