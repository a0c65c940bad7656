from __future__ import annotations

from typing import Literal

import pytest
import torch
from torch import nn

from img2img.data.critic_augment.critic_augment import CriticAugment

Policy = Literal["diffaugment", "adaptive"]
POLICIES: tuple[Policy, ...] = ("diffaugment", "adaptive")


def augment(policy: Policy, p: float = 0.8) -> CriticAugment:
    module = CriticAugment(policy)
    module.p.fill_(p)
    return module


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("channels", [1, 3, 6])
def test_shapes_channels_and_seeds(policy: Policy, channels: int) -> None:
    images, condition = torch.rand(5, channels, 12, 16) * 2 - 1, torch.rand(5, 2, 12, 16)
    runs = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        runs.append(augment(policy)(images, condition))
    (first, moved), (again, _), (other, _) = runs
    assert first.shape == images.shape
    assert moved.shape == condition.shape
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert len(augment(policy)(images)) == 1


@pytest.mark.parametrize("policy", POLICIES)
def test_gradients_are_those_of_differences(policy: Policy) -> None:
    images = (torch.rand(2, 3, 6, 6, dtype=torch.float64) * 2 - 1).requires_grad_()
    condition = torch.rand(2, 1, 6, 6, dtype=torch.float64).requires_grad_()
    module = augment(policy)

    def seen(images: torch.Tensor, condition: torch.Tensor) -> tuple[torch.Tensor, ...]:
        torch.manual_seed(3)
        return tuple(picture.square() for picture in module(images, condition))

    assert torch.autograd.gradcheck(seen, (images, condition), fast_mode=True)
    assert torch.autograd.gradgradcheck(seen, (images, condition), fast_mode=True)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_gradient_penalty_goes_through(policy: Policy) -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softplus(), nn.Conv2d(4, 1, 3))
    images = torch.rand(4, 3, 12, 12, requires_grad=True)
    (slope,) = torch.autograd.grad(critic(augment(policy)(images)[0]).sum(), images, create_graph=True)
    slope.square().sum().backward()
    first = critic[0].weight.grad
    assert first is not None
    assert first.isfinite().all()
    assert first.abs().max() > 0


@pytest.mark.parametrize("policy", POLICIES)
def test_autocast_does_not_reach_the_pictures(policy: Policy) -> None:
    images = torch.rand(4, 3, 12, 12)
    module = augment(policy)
    torch.manual_seed(0)
    plain = module(images)[0]
    torch.manual_seed(0)
    with torch.autocast("cpu", torch.bfloat16):
        cast = module(images)[0]
    assert cast.dtype == torch.float32
    assert torch.equal(cast, plain)
    assert module(images.bfloat16())[0].dtype == torch.float32


def test_without_probability_nothing_changes() -> None:
    images = torch.randn(4, 3, 8, 8)
    assert torch.equal(CriticAugment("adaptive")(images)[0], images)
    assert not torch.equal(CriticAugment("diffaugment")(images)[0], images)


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(1, 3, 8, 8\) and \(1, 3, 8, 9\)"):
        CriticAugment("diffaugment")(torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 9))


def test_p_follows_the_signs_of_the_scores() -> None:
    module = CriticAugment("adaptive", target=0.6)
    module.observe(torch.tensor([[1.0, 2.0], [0.5, 3.0]]))
    module.observe(torch.tensor([1.0, 2.0, 1.0, 1.0, 1.0, -1.0]))  # 9 of 10 positive: r = 0.8
    module.adapt(50, interval=1, per_images=1000)
    assert float(module.p) == pytest.approx(0.05, abs=1e-7)
    module.observe(torch.tensor([1.0, 1.0, 1.0, -1.0]))  # r = 0.5
    module.adapt(20, interval=1, per_images=1000)
    assert float(module.p) == pytest.approx(0.03, abs=1e-7)
    module.adapt(20, interval=1, per_images=1000)  # nothing observed
    assert float(module.p) == pytest.approx(0.03, abs=1e-7)


def test_p_stays_between_nought_and_one() -> None:
    module = CriticAugment("adaptive")
    for score, expected in ((-1.0, 0.0), (1.0, 1.0), (1.0, 1.0)):
        module.observe(torch.tensor([score]))
        module.adapt(900, interval=1, per_images=600)
        assert float(module.p) == expected


def test_p_moves_once_in_an_interval_by_all_its_images() -> None:
    module = CriticAugment("adaptive")
    moves = []
    for _ in range(8):
        module.observe(torch.ones(5))
        module.adapt(5, interval=4, per_images=1000)
        moves.append(round(float(module.p), 6))
    assert moves == [0, 0, 0, 0.02, 0.02, 0.02, 0.02, 0.04]


def test_an_lsgan_critic_is_undecided_at_a_half() -> None:
    module = CriticAugment("adaptive", undecided=0.5)
    module.p.fill_(0.5)
    module.observe(torch.tensor([0.4, 0.6, 0.3, 0.9]))  # r = 0
    module.adapt(10, interval=1, per_images=1000)
    assert float(module.p) == pytest.approx(0.49, abs=1e-7)


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_ranks_move_alike(scale: float) -> None:
    """This rank sees r = 1, the other -1; whether reduce sums or averages makes no difference."""
    module = CriticAugment("adaptive")
    module.p.fill_(0.5)
    module.observe(torch.ones(4))
    other = torch.tensor([-4.0, 4.0])
    module.adapt(8, interval=1, per_images=1000, reduce=lambda here: (here + other) * scale)
    assert float(module.p) == pytest.approx(0.492, abs=1e-7)


def test_a_checkpoint_in_the_middle_of_an_interval_goes_on() -> None:
    def play(module: CriticAugment, steps: range) -> None:
        for step in steps:
            module.observe(torch.tensor([1.0, 1.0, -1.0 if step < 4 else 1.0]))
            module.adapt(3, interval=4, per_images=100)

    straight, stopped, resumed = (CriticAugment("adaptive") for _ in range(3))
    play(straight, range(11))
    play(stopped, range(6))
    resumed.load_state_dict(stopped.state_dict())
    play(resumed, range(6, 11))
    assert float(resumed.p) == float(straight.p) == pytest.approx(0.12, abs=1e-7)
    for one, other in zip(resumed.state_dict().values(), straight.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_diffaugment_is_not_steered() -> None:
    module = CriticAugment("diffaugment")
    module.observe(torch.ones(5))
    module.adapt(1000, interval=1, per_images=1000)
    assert float(module.p) == 0
