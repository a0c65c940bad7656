"""Lengths of time as a clock shows them."""

from __future__ import annotations

import pytest

from img2img.config.durations import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (130, "0:02:10"), (59.6, "0:01:00"), (86_399, "23:59:59"), (86_400 * 3 + 14_400, "3 d 4:00:00")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
