"""Sizes of results: exact, aspect kept, within what weights do."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from img2img.apply.engine.sizing import SizeError, Sizing
from img2img.config.base import Refusal


@pytest.mark.parametrize("seed", range(50))
def test_sizes_are_the_nearest_ones_that_keep_the_aspect(seed: int) -> None:
    draw = random.Random(seed)
    width, height = draw.randint(1, 5000), draw.randint(1, 5000)
    factor = draw.uniform(1, 4)
    assert Sizing(scale=4).size(width, height, 4) == (4 * width, 4 * height)
    wide, high = Sizing(scale=factor).size(width, height, 4)
    assert abs(wide - width * factor) <= 0.5001 and abs(high - height * factor) <= 0.5001
    asked = draw.randint(width, 4 * width)
    wide, high = Sizing(width=asked).size(width, height, 4)
    assert wide == asked and abs(high - Fraction(height * asked, width)) <= Fraction(1, 2)
    asked = draw.randint(height, 4 * height)
    wide, high = Sizing(height=asked).size(width, height, 4)
    assert high == asked and abs(wide - Fraction(width * asked, height)) <= Fraction(1, 2)
    box = draw.randint(width, 4 * width), draw.randint(height, 4 * height)
    wide, high = Sizing(fit=box).size(width, height, 4)
    assert wide <= box[0] and high <= box[1] and (wide == box[0] or high == box[1])
    exact = min(Fraction(box[0], width), Fraction(box[1], height))
    assert abs(wide - width * exact) <= Fraction(1, 2) and abs(high - height * exact) <= Fraction(1, 2)


def test_weights_that_enlarge_no_more_than_it_takes() -> None:
    assert Sizing(width=100).times(100, 30, 4) == 1
    assert Sizing(width=101).times(100, 30, 4) == 2
    assert Sizing(fit=(400, 60)).times(100, 30, 4) == 2
    assert Sizing(fit=(4000, 120)).times(100, 30, 4) == 4


@pytest.mark.parametrize("sizing", [Sizing(width=801), Sizing(height=99), Sizing(fit=(10, 1000)), Sizing(scale=4.1)])
def test_what_weights_have_not_is_refused_with_what_is_allowed(sizing: Sizing) -> None:
    with pytest.raises(SizeError, match=r"would make .* of 200 x 100 px; allowed: 1 to 4 times, up to 800 x 400 px"):
        sizing.size(200, 100, 4)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((2.0, 300, None, None), "--scale 2.0, --width 300: give one of them"),
        ((None, None, None, "4096"), "--fit 4096: write it as 4096x4096"),
        ((None, None, None, "0x7"), "--fit 0x7: write it as"),
        ((None, None, None, "9" * 5000 + "x7"), "--fit 9{100}: write it as"),
        ((0.5, None, None, None), "--scale 0.5: allowed: 1 or more"),
        ((float("nan"), None, None, None), "--scale nan: allowed"),
        ((None, 0, None, None), "--width 0: allowed: 1 px or more"),
    ],
)
def test_wrong_options_are_refused(options: tuple, said: str) -> None:
    with pytest.raises(Refusal, match=said.replace("(", r"\(")):
        Sizing.parse(*options)


def test_labels_say_what_was_asked() -> None:
    labels = [Sizing.parse(*one).label for one in ((2.5, None, None, None), (3, None, None, None))]
    labels += [Sizing(width=3840).label, Sizing(height=2160).label, Sizing.parse(None, None, None, "9x8").label]
    assert labels == ["x2.5", "x3", "w3840", "h2160", "fit9x8"] and not Sizing().label
