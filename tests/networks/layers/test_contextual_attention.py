"""Contextual attention against loops over every pixel, and on cases whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from img2img.networks.layers import contextual_attention
from img2img.networks.layers.contextual_attention import ContextualAttention

HOLES = {
    "some": (slice(1, 3), slice(2, 5)),
    "a pixel at the border": (slice(7, 8), slice(4, 5)),
    "nothing": (slice(0, 0), slice(0, 0)),
    "everything": (slice(None), slice(None)),
}


def masked(features: Tensor, hole: tuple[slice, slice]) -> Tensor:
    mask = torch.zeros_like(features[:1, :1])
    mask[..., hole[0], hole[1]] = 1
    return mask.expand(len(features), -1, -1, -1)


def brute_force(features: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """One map (C, h, w) and its mask (h, w), pixel by pixel, from the words of the class's docstring."""
    channels, height, width = features.shape
    half = features.reshape(channels, height // 2, 2, width // 2, 2).mean((2, 4))
    holes = mask.reshape(height // 2, 2, width // 2, 2).max((1, 3))
    places = [(y, x) for y in range(height // 2) for x in range(width // 2)]

    def inside(y: int, x: int) -> bool:
        return 0 <= y < height // 2 and 0 <= x < width // 2

    def patch(y: int, x: int) -> np.ndarray:
        around = [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        return np.concatenate([half[:, a, b] if inside(a, b) else np.zeros(channels) for a, b in around])

    def cosine(a: tuple[int, int], b: tuple[int, int]) -> float:
        return patch(*a) @ patch(*b) / np.linalg.norm(patch(*a)) / np.linalg.norm(patch(*b))

    def likeness(a: tuple[int, int], b: tuple[int, int]) -> float:
        total = 0.0
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                here, there = (a[0] + i, a[1] + j), (b[0] + i, b[1] + j)
                total += cosine(here, there) if inside(*here) and inside(*there) else 0
        return total

    def known(y: int, x: int) -> bool:
        return not any(holes[y + i, x + j] for i in (-1, 0, 1) for j in (-1, 0, 1) if inside(y + i, x + j))

    sources = [place for place in places if known(*place)]
    summed, received = np.zeros_like(features), np.zeros((height, width))
    for y, x in places:
        scores = np.array([10 * likeness((y, x), source) for source in sources])
        weights = np.exp(scores - scores.max(initial=-np.inf))
        for weight, (v, u) in zip(weights / weights.sum(), sources, strict=True):
            for i in range(-1, 3):
                for j in range(-1, 3):
                    put, taken = (2 * y + i, 2 * x + j), (2 * v + i, 2 * u + j)
                    if all(0 <= a < height and 0 <= b < width for a, b in (put, taken)):
                        summed[:, *put] += weight * features[:, *taken]
                        received[put] += weight
    return summed / np.maximum(received, 1e-9)


@pytest.mark.parametrize("hole", HOLES)
def test_it_agrees_with_loops_over_every_pixel(hole: str) -> None:
    torch.manual_seed(0)
    features = torch.randn(2, 2, 8, 12, dtype=torch.float64)
    mask = masked(features, HOLES[hole])
    result = ContextualAttention()(features, mask)
    for index in range(2):
        wanted = torch.from_numpy(brute_force(features[index].numpy(), mask[index, 0].numpy()))
        torch.testing.assert_close(result[index], wanted, rtol=0, atol=1e-9)


@pytest.mark.parametrize("size", [(2, 2), (2, 6), (4, 2)])
def test_the_smallest_maps_have_one_place_for_each_2x2(size: tuple[int, int]) -> None:
    torch.manual_seed(0)
    features = torch.randn(1, 3, *size, dtype=torch.float64)
    result = ContextualAttention()(features, torch.zeros(1, 1, *size, dtype=torch.float64))
    wanted = torch.from_numpy(brute_force(features[0].numpy(), np.zeros(size)))
    torch.testing.assert_close(result[0], wanted, rtol=0, atol=1e-9)


def test_a_repeated_texture_is_copied_into_the_hole() -> None:
    """In the hole there is a faint copy of the texture; what comes out has its full strength."""
    torch.manual_seed(0)
    texture = torch.randn(1, 4, 8, 8).repeat(1, 1, 4, 4)
    mask = masked(texture, (slice(10, 22), slice(8, 20)))
    features = texture * (1 - 0.7 * mask)
    result = ContextualAttention()(features, mask)
    inner = (..., slice(4, -4), slice(4, -4))  # nearer to the border the surroundings are not those of the hole
    torch.testing.assert_close(result[inner], texture[inner], rtol=0, atol=1e-3)
    assert (features - texture).abs().max() > 1


def test_nothing_is_copied_from_the_hole() -> None:
    """Every known pixel is 1; whatever the hole's features, no blend of known ones can be anything else."""
    torch.manual_seed(0)
    mask = masked(torch.empty(1, 1, 12, 12), (slice(3, 9), slice(4, 7)))
    features = torch.where(mask > 0, 9 * torch.randn(1, 3, 12, 12), torch.ones(1, 3, 12, 12))
    torch.testing.assert_close(ContextualAttention()(features, mask), torch.ones(1, 3, 12, 12), rtol=0, atol=1e-5)


def test_with_nothing_known_there_is_nothing() -> None:
    features = torch.randn(2, 3, 4, 6, requires_grad=True)
    mask = torch.zeros(2, 1, 4, 6)
    mask[0] = 1
    result = ContextualAttention()(features, mask)
    assert not result[0].any() and result[1].any()
    result.sum().backward()
    assert features.grad is not None and features.grad.isfinite().all()


@pytest.mark.parametrize("rows", [1, 2])
def test_in_blocks_it_gives_the_same_and_the_same_gradients(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    features = torch.randn(2, 2, 10, 6, dtype=torch.float64, requires_grad=True)
    mask = masked(features, (slice(2, 4), slice(0, 3)))
    results = []
    for scores in (2**24, 2 * 3 * 5 * 3 * rows):
        monkeypatch.setattr(contextual_attention, "SCORES", scores)
        result = ContextualAttention()(features, mask)
        (slope,) = torch.autograd.grad(result.square().sum(), features)
        results.append((result.detach(), slope))
    for whole, blocks in zip(*results, strict=True):
        torch.testing.assert_close(blocks, whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize("hole", ["some", "everything"])
def test_its_gradients_are_right(hole: str) -> None:
    torch.manual_seed(0)
    features = torch.randn(1, 1, 8, 12, dtype=torch.float64, requires_grad=True)
    mask = masked(features.detach(), HOLES[hole])
    assert torch.autograd.gradcheck(lambda given: ContextualAttention()(given, mask), features)


def test_no_tensor_holds_the_likeness_of_all_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            result = func(*args, **(kwargs or {}))
            parts = result if isinstance(result, tuple | list) else (result,)
            sizes.extend(part.numel() for part in parts if isinstance(part, Tensor))
            return result

    monkeypatch.setattr(contextual_attention, "SCORES", 2**13)
    with Watch(), torch.no_grad():
        ContextualAttention()(torch.randn(1, 1, 64, 64), torch.zeros(1, 1, 64, 64))
    places = 32 * 32
    assert max(sizes) <= 100 * places  # three rows of 32 places against all of them, and not 1024


def test_likeness_is_found_in_full_precision_whatever_the_features() -> None:
    torch.manual_seed(0)
    features = torch.randn(1, 2, 12, 12)
    mask = masked(features, (slice(2, 4), slice(2, 4)))
    alone = ContextualAttention()(features, mask)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(ContextualAttention()(features, mask), alone)
    narrow = ContextualAttention()(features.bfloat16(), mask.bfloat16())
    assert torch.equal(narrow, ContextualAttention()(features.bfloat16().float(), mask).bfloat16())
