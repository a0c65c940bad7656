"""The replay pool takes back what it gave, and nothing that would fail when it is next asked."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from img2img.adversarial.pool import ReplayPool


def filled(conditional: bool = False) -> ReplayPool:
    pool = ReplayPool(4)
    fakes = torch.rand(3, 1, 2, 2)
    pool(fakes, fakes + 1 if conditional else None)
    return pool


@pytest.mark.parametrize("conditional", [False, True])
def test_what_it_gave_is_put_back(conditional: bool) -> None:
    pool, other = filled(conditional), ReplayPool(4)
    other.load_local_state(pool.local_state())
    for (image, given), (again, condition) in zip(pool.kept, other.kept, strict=True):
        assert torch.equal(image, again) and (given is None) == (condition is None) == (not conditional)


@pytest.mark.parametrize(
    "wrong",
    [
        {"images": [None] * 3},
        {"images": [torch.rand(1, 2, 2), torch.rand(1, 3, 2), torch.rand(1, 2, 2)]},
        {"images": []},
        {"given": [None, torch.rand(1), None]},
        {"given": "abc"},
        {"images": 3},
    ],
)
def test_what_it_never_gave_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        filled().load_local_state({**filled().local_state(), **wrong})


def test_fakes_of_another_size_are_not_mixed_with_those_kept() -> None:
    pool = filled()
    shown, _ = pool(torch.rand(2, 1, 4, 4), None)
    assert shown.shape == (2, 1, 4, 4) and [tuple(image.shape) for image, _ in pool.kept] == [(1, 4, 4)] * 2
