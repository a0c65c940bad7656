"""The terms on VGG19: one pass for all of them, by the options, and where their gradients go."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from img2img.config.sections.perceptual import Perceptual
from img2img.recipes.terms.feature_terms import FeatureTerms, PerceptualDistance, StyleDistance, feature_terms, gram


class Tripled(nn.Module):
    """One layer, whose activations are three times the picture; counts its passes."""

    passes = 0

    def forward(self, image: Tensor) -> dict[str, Tensor]:
        self.passes += 1
        return {"three": 3 * image}


def test_gradients_reach_the_fake_and_nothing_else() -> None:
    fake = torch.full((1, 1, 2, 2), 0.5, requires_grad=True)
    real = torch.zeros(1, 1, 2, 2, requires_grad=True)
    FeatureTerms(Tripled(), {"x": (2.0, PerceptualDistance({"three": 1.0}, "mse"))})(fake, real)["x"].backward()
    # d/dx of 2 * mean((3x)^2) over 4 pixels is 2 * 9 * 2x / 4
    assert fake.grad is not None and (fake.grad - 4.5).abs().max() < 1e-6
    assert real.grad is None


def test_the_features_run_once_for_all_terms() -> None:
    features = Tripled()
    distances = {"p": (2.0, PerceptualDistance({"three": 1.0})), "s": (0.5, StyleDistance({"three": 1.0}))}
    terms = FeatureTerms(features, distances)(torch.full((1, 1, 2, 2), 0.5), torch.zeros(1, 1, 2, 2))
    assert features.passes == 2, "once for each picture"
    assert abs(terms["p"].item() - 2 * 1.5) < 1e-6 and abs(terms["s"].item() - 0.5 * 2.25**2) < 1e-5


def test_options_make_them(vgg19: Path) -> None:
    options = Perceptual(
        perceptual=3.0,
        perceptual_layers="conv1_1:0.5,relu1_2",
        perceptual_cost="mse",
        feature_scale=0.5,
        style=2.0,
        style_layers="relu1_1:0.25",
        vgg19=vgg19,
    )
    distances = feature_terms(options)
    assert distances is not None
    fake, real = torch.rand(2, 1, 1, 8, 8) * 2 - 1
    found, wanted = distances.features(fake), distances.features(real)
    assert set(found) == {"conv1_1", "relu1_1", "relu1_2"}
    layers = {"conv1_1": 0.5, "relu1_2": 1.0}
    perceptual = sum(w * (0.5 * found[x] - 0.5 * wanted[x]).square().mean() for x, w in layers.items())
    style = 0.25 * (gram(found["relu1_1"]) - gram(wanted["relu1_1"])).square().sum()
    terms = distances(fake, real)
    assert abs(terms["perceptual"] - 3 * perceptual) < 1e-5 * terms["perceptual"]
    assert abs(terms["style"] - 2 * style) < 1e-5 * terms["style"]


def test_what_is_off_costs_nothing(vgg19: Path) -> None:
    assert feature_terms(Perceptual(perceptual=0.0)) is None
    style = feature_terms(Perceptual(perceptual=0.0, style=1.0, style_layers="relu1_1", vgg19=vgg19))
    assert (
        style is not None and set(style.features.wanted.values()) == {"relu1_1"} and list(style.distances) == ["style"]
    )


def test_the_taught_count_among_the_last_pictures_alone() -> None:
    fake = torch.arange(4.0).view(4, 1, 1, 1).requires_grad_()
    taught = torch.tensor([0.0, 10.0]).view(2, 1, 1, 1)
    terms = FeatureTerms(Tripled(), {"x": (2.0, PerceptualDistance({"three": 1.0}))})(
        fake, torch.zeros_like(fake), taught
    )
    assert abs(terms["x"].item() - 2 * 3 * 1.5) < 1e-5
    assert abs(terms["taught x"].item() - 2 * 3 * (2 + 7) / 4) < 1e-5, "a mean over the batch"
    (slope,) = torch.autograd.grad(terms["taught x"], fake)
    assert slope.flatten().tolist() == [0, 0, 1.5, -1.5]


def test_a_share_of_the_pictures_is_compared_and_no_picture_is_left_out_for_good() -> None:
    torch.manual_seed(0)
    fake = torch.zeros(8, 1, 1, 1)
    seen = torch.zeros(8)
    for _ in range(20):
        given = fake.clone().requires_grad_()
        real, taught = torch.ones(8, 1, 1, 1), torch.ones(4, 1, 1, 1)
        terms = FeatureTerms(Tripled(), {"x": (1.0, PerceptualDistance({"three": 1.0}))}, share=0.5)(
            given, real, taught
        )
        (slope,) = torch.autograd.grad(terms["x"], given, retain_graph=True)
        (further,) = torch.autograd.grad(terms["taught x"], given)
        chosen = slope.flatten() != 0
        assert chosen.sum() == 4 and terms["x"].item() == 3
        assert torch.equal(further.flatten() != 0, chosen & (torch.arange(8) > 3)) and further.count_nonzero() == 2
        seen += chosen
    assert seen.min() > 0
