"""Which holes copies fill, on photos that leave no doubt."""

from __future__ import annotations

import numpy as np
from support.inpainters import Known, box, filling, inpainting, marked
from support.upscalers import draw

from img2img.apply.inpaint.choice import worth_copies
from img2img.apply.inpaint.exemplar import ExemplarFilling
from img2img.apply.inpaint.holes import Holes
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking


def ways() -> tuple[Inpainting, ...]:
    """Auto, exemplar, network."""
    auto, exemplar = (Inpainting(ExemplarFilling(filling(Known()), choosing), Masking()) for choosing in (True, False))
    return auto, exemplar, inpainting(Known())


def test_a_compact_hole_in_a_texture_is_copied() -> None:
    samples = np.tile(draw(3, 16, 20, 3), (9, 8, 1))
    auto, exemplar, network = (way.convert(marked(samples, box(144, 160, (50, 90, 60, 100)))).samples for way in ways())
    assert np.array_equal(auto, exemplar) and not np.array_equal(auto, network)


def test_a_scratch_is_the_networks() -> None:
    samples = np.tile(draw(3, 16, 20, 3), (9, 8, 1))
    auto, exemplar, network = (way.convert(marked(samples, box(144, 160, (50, 52, 0, 160)))).samples for way in ways())
    assert np.array_equal(auto, network) and not np.array_equal(auto, exemplar)


def test_a_hole_whose_surroundings_nothing_is_like_is_the_networks() -> None:
    """Noise that never repeats: copies leave more of its variance than the mean colour would."""
    samples = np.random.default_rng(0).integers(0, 256, (144, 160, 3), np.uint8)
    auto, _, network = (way.convert(marked(samples, box(144, 160, (50, 90, 60, 100)))).samples for way in ways())
    assert np.array_equal(auto, network)


def test_far_holes_are_chosen_one_by_one() -> None:
    samples = np.tile(draw(3, 16, 20, 3), (20, 16, 1))
    hole = box(320, 320, (50, 90, 60, 100), (200, 203, 0, 320))
    auto, exemplar, network = (way.convert(marked(samples, hole)).samples for way in ways())
    assert np.array_equal(auto[:150], exemplar[:150]) and np.array_equal(auto[150:], network[150:])


def test_a_hole_much_larger_than_what_is_known_is_not_worth_copies() -> None:
    for hole, worth in ((box(90, 110, (20, 60, 20, 60)), True), (box(90, 110, (4, 86, 4, 106)), False)):
        assert worth_copies(Holes(hole, 32), 0) == worth
