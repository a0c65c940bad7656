"""Learning rates by the step alone: restarts against their formula."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from img2img.training.schedule import rate_factor


@pytest.mark.parametrize("growth", [1.0, 2.0])
def test_restarts_are_half_cosines_each_growth_times_as_long(growth: float) -> None:
    total = 700 if growth == 2 else 300
    begins = [0, 100, 300, 700] if growth == 2 else [0, 100, 200, 300]
    for start, end in pairwise(begins):
        for step in (start, start + 1, (start + end) // 2, end - 1):
            expected = 0.5 * (1 + math.cos(math.pi * (step - start) / (end - start)))
            assert rate_factor("restarts", step, total, 0.5, 2, growth) == pytest.approx(expected, abs=1e-6)
    assert rate_factor("restarts", total, total, 0.5, 2, growth) == pytest.approx(0, abs=1e-6)


def test_one_stretch_is_the_cosine() -> None:
    for step in range(0, 101, 10):
        assert rate_factor("restarts", step, 100, 0.5, 0) == pytest.approx(rate_factor("cosine", step, 100, 0.5))


def test_a_plateau_by_the_step_alone_is_constant() -> None:
    assert {rate_factor("plateau", step, 100, 0.5) for step in (0, 50, 100)} == {1.0}
