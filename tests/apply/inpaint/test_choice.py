"""Which holes copies fill, on photos that leave no doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.inpainters import Known, box, filling, marked
from support.upscalers import draw

from img2img.apply.inpaint import exemplar as exemplar_file
from img2img.apply.inpaint.choice import explained, worth_copies
from img2img.apply.inpaint.exemplar import ExemplarFilling
from img2img.apply.inpaint.holes import Holes
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.apply.inpaint.masking import Masking
from img2img.apply.inpaint.shift_map import ShiftMap


def ways() -> tuple[Inpainting, ...]:
    """Auto, exemplar, network."""
    network = filling(Known(), side=128)  # which sees these holes at full resolution
    auto, exemplar = (Inpainting(ExemplarFilling(network, choosing), Masking()) for choosing in (True, False))
    return auto, exemplar, Inpainting(network, Masking())


def test_a_compact_hole_in_a_texture_is_copied() -> None:
    samples = np.tile(draw(3, 16, 20, 3), (9, 8, 1))
    auto, exemplar, network = (way.convert(marked(samples, box(144, 160, (50, 90, 60, 100)))).samples for way in ways())
    assert np.array_equal(auto, exemplar) and not np.array_equal(auto, network)


def test_a_scratch_is_the_networks() -> None:
    samples = np.tile(draw(3, 16, 20, 3), (9, 8, 1))
    auto, exemplar, network = (way.convert(marked(samples, box(144, 160, (50, 52, 0, 160)))).samples for way in ways())
    assert np.array_equal(auto, network) and not np.array_equal(auto, exemplar)


def test_what_copies_leave_unexplained_is_the_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    find = exemplar_file.find_shift_map
    monkeypatch.setattr(exemplar_file, "find_shift_map", lambda scene: replace(find(scene), unexplained=4.0))
    samples = np.tile(draw(3, 16, 20, 3), (9, 8, 1))
    auto, exemplar, network = (way.convert(marked(samples, box(144, 160, (50, 90, 60, 100)))).samples for way in ways())
    assert np.array_equal(auto, network) and not np.array_equal(auto, exemplar)


def test_copies_are_judged_by_what_they_leave_unexplained() -> None:
    offsets = np.zeros((1, 2), np.int64)
    assert explained(ShiftMap(offsets, 0.5)) and not explained(ShiftMap(offsets, 4.0))


def test_far_holes_are_chosen_one_by_one() -> None:
    samples = np.tile(draw(3, 16, 20, 3), (20, 16, 1))
    hole = box(320, 320, (50, 90, 60, 100), (200, 203, 0, 320))
    auto, exemplar, network = (way.convert(marked(samples, hole)).samples for way in ways())
    assert np.array_equal(auto[:150], exemplar[:150]) and np.array_equal(auto[150:], network[150:])


def test_a_hole_much_larger_than_what_is_known_is_not_worth_copies() -> None:
    for hole, worth in ((box(90, 110, (20, 60, 20, 60)), True), (box(90, 110, (4, 86, 4, 106)), False)):
        assert worth_copies(Holes(hole, 32), 0) == worth
