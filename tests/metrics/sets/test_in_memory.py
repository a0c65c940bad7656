"""Pictures in memory as a set."""

from __future__ import annotations

import numpy as np

from img2img.metrics.sets.in_memory import PicturesInMemory


def held(first: int = 0) -> PicturesInMemory:
    pictures = np.arange(first, first + 6, dtype=np.uint8)[:, None, None, None].repeat(4, 2).repeat(4, 3)
    return PicturesInMemory("six", pictures, np.array([0, 1, 2] * 2), ("a", "b", "c"))


def test_grey_is_three_equal_channels_in_one_order() -> None:
    pictures = held()
    levels = [read().unique().tolist() for read in pictures.in_turn()]
    assert levels == [[place] for place in range(6)] == [pictures.read(place).unique().tolist() for place in range(6)]
    assert pictures.read(2).shape == (3, 4, 4)


def test_what_is_left_keeps_its_classes() -> None:
    left = held().without([1, 3])
    assert len(left) == 4 and left.classes() == ["a", "c", "b", "c"]
    assert [left.read(place)[0, 0, 0].item() for place in range(4)] == [0, 2, 4, 5]
    drawn = held().drawn(3, seed=0)
    assert drawn.classes() == [held().classes()[drawn.read(place)[0, 0, 0]] for place in range(3)]
    assert len(held().drawn(9, seed=0)) == 6


def test_the_content_is_that_of_the_pictures() -> None:
    assert list(held().content()) == list(held().content()) != list(held(1).content())
    assert list(held().content()) != list(held().without([5]).content())
