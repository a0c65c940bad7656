"""Interpolation and sums of latents: ends, lengths, angles."""

from __future__ import annotations

import pytest
import torch

from img2img.apply.sample.latent_paths import LatentSum, path_through, traversal
from img2img.config.base import Refusal
from img2img.config.networks.prior import Prior
from img2img.data.latents import draw


def latents(count: int) -> torch.Tensor:
    return torch.randn(count, 8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("along", ["linear", "spherical"])
def test_a_way_goes_through_its_ends(along) -> None:
    ends = latents(3)
    steps = path_through(ends, 5, along)
    assert len(steps) == 11
    torch.testing.assert_close(steps[[0, 5, 10]], ends, rtol=0, atol=1e-6)
    closed = path_through(ends, 5, along, closed=True)
    assert len(closed) == 15
    torch.testing.assert_close(closed[:10], steps[:10], rtol=0, atol=0)
    torch.testing.assert_close(closed[10], ends[2], rtol=0, atol=1e-6)


def test_linear_halfway_is_the_mean() -> None:
    start, end = latents(2)
    torch.testing.assert_close(path_through(torch.stack([start, end]), 2, "linear")[1], (start + end) / 2)


def test_spherical_steps_have_equal_angles_and_evenly_changing_lengths() -> None:
    start, end = latents(2) * torch.tensor([[1.0], [3.0]])
    steps = path_through(torch.stack([start, end]), 6, "spherical").double()
    directions = torch.nn.functional.normalize(steps, dim=1)
    angles = (directions[1:] * directions[:-1]).sum(dim=1).acos()
    torch.testing.assert_close(angles, angles[:1].expand(6), rtol=0, atol=1e-4)
    lengths = steps.norm(dim=1)
    torch.testing.assert_close(lengths, torch.linspace(lengths[0], lengths[-1], 7).double(), rtol=0, atol=1e-4)


@pytest.mark.parametrize("factor", [1.0, 2.0, -1.0])
def test_where_there_is_no_great_circle_it_is_linear(factor: float) -> None:
    start = latents(1)
    ends = torch.cat([start, factor * start])
    torch.testing.assert_close(path_through(ends, 4, "spherical"), path_through(ends, 4, "linear"))


def test_one_sample_is_no_path_through() -> None:
    with pytest.raises(Refusal, match="--between takes two numbers"):
        path_through(latents(1), 4, "linear")


def test_a_traversal_changes_one_code_alone() -> None:
    prior = Prior(noise=2, categorical=(3, 2), continuous=2)
    latent = draw(prior, 1, generator=torch.Generator().manual_seed(0))
    for code, places, values in (
        (1, [2, 3, 4], torch.eye(3)),
        (2, [5, 6], torch.eye(2)),
        (3, [7], torch.tensor([[-1.0], [0.0], [1.0]])),
        (4, [8], torch.tensor([[-1.0], [0.0], [1.0]])),
    ):
        along = traversal(latent, prior, code, 3)
        others = [place for place in range(prior.size) if place not in places]
        assert torch.equal(along[:, places], values) and torch.equal(
            along[:, others], latent[:, others].expand(len(along), -1)
        )


@pytest.mark.parametrize("prior", [Prior(), Prior(categorical=(3,), continuous=1)])
def test_a_code_that_there_is_not_is_refused(prior: Prior) -> None:
    with pytest.raises(Refusal, match=r"--traverse 3: allowed: (none|1 to 2)"):
        traversal(torch.zeros(1, prior.size), prior, 3, 8)


def test_sums() -> None:
    terms = LatentSum.parse("3 - 8+21")
    a, b, c = latents(3)
    assert terms.numbers == (3, 8, 21)
    torch.testing.assert_close(terms.of(torch.stack([a, b, c]))[0], a - b + c)


@pytest.mark.parametrize("text", ["3", "3-", "-3+4", "3*4", "three-4", ""])
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match=r"--sum .*such as 3-8\+21"):
        LatentSum.parse(text)
