"""A linear critic's slope is known everywhere, so every penalty has a closed form."""

import pytest
import torch
from torch import nn

from img2img.adversarial import GAMES, Adversary, Game, GradientPenalty, slope_penalty
from img2img.adversarial.penalties import points
from img2img.config.base import Refusal

PLACES = ["real", "fake", "between", "near_real"]


class Linear(nn.Module):
    """D(x) = <w, x> over all axes of an image."""

    def __init__(self, slope: float, shape=(3, 4, 5)):
        super().__init__()
        direction = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
        self.w = nn.Parameter(slope * direction / direction.norm())

    def forward(self, image, given=None):
        return (image * self.w.to(image.dtype)).flatten(1).sum(1, keepdim=True)

    def features(self, image, given=None):
        return [self(image)]


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("slope", [0.25, 1.0, 3.0])
def test_exact_on_a_linear_critic(at, target, slope):
    real, fake = torch.randn(6, 3, 4, 5), torch.randn(6, 3, 4, 5)
    place = points(GradientPenalty(at, target, 1.0), real, fake).double()
    found = slope_penalty(Linear(slope), place, target)
    assert abs(found.item() - (slope - target) ** 2) < 1e-9


@pytest.mark.parametrize("at", PLACES)
def test_the_adversary_charges_weight_times_penalty(at):
    game = Game(lambda s: 0 * s, lambda s: 0 * s, lambda s: s, paper="-", penalties=(GradientPenalty(at, 1, 10),))
    terms = Adversary(Linear(3.0), game).critic_terms(torch.randn(4, 3, 4, 5), torch.randn(4, 3, 4, 5))
    assert abs(terms["penalty"].item() - 10 * (3 - 1) ** 2) < 1e-3


def test_the_gradient_reaches_the_critic():
    critic = Linear(3.0)
    slope_penalty(critic, torch.randn(2, 3, 4, 5), 1.0).backward()
    # d/dw (|w| - 1)^2 = 2 (|w| - 1) w / |w|
    expected = 2 * (3 - 1) * critic.w.detach() / 3
    assert (critic.w.grad - expected).abs().max() < 1e-5


def test_between_lies_on_the_line_and_near_real_within_reach():
    real, fake = torch.zeros(64, 1, 2, 2), torch.ones(64, 1, 2, 2)
    between = points(GradientPenalty("between", 1, 1), real, fake)
    assert (between == between[:, :1, :1, :1]).all(), "one share for each sample"
    assert 0 <= between.min() < 0.2 and 0.8 < between.max() <= 1
    spread = torch.randn(64, 1, 2, 2)
    moved = points(GradientPenalty("near_real", 1, 1), spread, fake) - spread
    assert moved.min() >= 0 and 0 < moved.max() <= 0.5 * spread.std()


def test_a_dead_critic_has_a_finite_gradient():
    critic = Linear(1.0)
    with torch.no_grad():
        critic.w.zero_()
    slope_penalty(critic, torch.randn(2, 3, 4, 5), 1.0).backward()
    assert torch.isfinite(critic.w.grad).all()


def test_a_critic_of_patches_is_worth_their_mean():
    class Patches(nn.Module):
        def forward(self, image):
            return image[:, :1] * 2  # one score for each pixel, slope 2

    image = torch.randn(3, 1, 4, 4)
    # The mean of 16 scores 2 x: gradient 2/16 in each of 16 pixels, norm 2/16 * 4.
    assert abs(slope_penalty(Patches(), image, 0.0).item() - (2 / 16 * 4) ** 2) < 1e-7


def test_penalties_stay_in_float32_under_autocast():
    seen = []

    class Spy(Linear):
        def forward(self, image, given=None):
            seen.append((image.dtype, torch.is_autocast_enabled("cpu")))
            return super().forward(image)

    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = slope_penalty(Spy(3.0), torch.randn(2, 3, 4, 5), 1.0)
    assert seen == [(torch.float32, False)]
    assert abs(found.item() - 4) < 1e-4


def test_lazy_penalties_are_rare_and_heavy():
    made = Adversary(Linear(3.0), GAMES["r1"])
    seen = []
    for _ in range(33):
        terms = made.critic_terms(torch.randn(2, 3, 4, 5), torch.randn(2, 3, 4, 5))
        seen.append(terms["penalty"].item() if "penalty" in terms else 0.0)
        made.after_step()
    assert [step for step, value in enumerate(seen) if value] == [0, 16, 32]
    # gamma / 2 = 5, times 16 for the steps without, times the squared slope.
    assert abs(seen[16] - 5 * 16 * 9) < 0.05


def test_batch_norm_with_a_penalty_is_refused():
    critic = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    with pytest.raises(Refusal, match="batch norm"):
        Adversary(critic, GAMES["wgan-gp"])
