"""OpenCV's fills, hole by hole, in every depth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.drawing import draw
from support.inpainters import box

from img2img.apply.inpaint.classical import ClassicalFilling
from img2img.config.apply import ClassicalMethod

FLAGS = {"telea": cv2.INPAINT_TELEA, "navier-stokes": cv2.INPAINT_NS}
HOLE = box(90, 120, (20, 40, 30, 60), (0, 8, 0, 20), (82, 90, 100, 101), (60, 61, 70, 71))


def planes(samples: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(samples.transpose(2, 0, 1))


@pytest.mark.parametrize("method", ["telea", "navier-stokes"])
def test_eight_bits_are_what_opencv_makes_of_the_whole_photo(method: ClassicalMethod) -> None:
    samples = draw(0, 90, 120, 3)
    filled = planes(samples)
    ClassicalFilling(method).fill(filled, HOLE, 8)
    inner = box(90, 120, (20, 40, 30, 60), (60, 61, 70, 71))  # at the border OpenCV looks at what the hole held
    whole = planes(cv2.inpaint(samples, inner, 3, FLAGS[method]))
    assert np.array_equal(filled[:, 15:70], whole[:, 15:70])
    grey = planes(samples[..., :1])
    ClassicalFilling(method).fill(grey, HOLE, 8)
    assert np.array_equal(grey[0], filled[0])


@pytest.mark.parametrize("method", ["telea", "navier-stokes"])
@pytest.mark.parametrize("kind", ["uint16", "float32"])
def test_deep_photos_are_filled_as_finely(method: ClassicalMethod, kind: str) -> None:
    samples = draw(0, 90, 120, 3)
    known = planes(samples.astype(np.uint16) * 257) if kind == "uint16" else planes(samples / np.float32(127.5) - 1)
    filled = known.copy()
    ClassicalFilling(method).fill(filled, HOLE, 16)
    assert np.array_equal(filled[:, HOLE == 0], known[:, HOLE == 0])
    levels = filled / 257 if kind == "uint16" else (filled + 1) * 127.5
    assert np.abs(levels % 1 - 0.5).min() < 0.4 and len(np.unique(levels.round(2))) > 256, "values between the levels"
    truth = planes(samples).astype(float)
    shallow = planes(samples)
    ClassicalFilling(method).fill(shallow, HOLE, 8)
    errors = [np.abs(made - truth)[:, HOLE > 0].mean() for made in (levels, shallow)]
    assert errors[0] <= errors[1] + 0.1


@pytest.mark.parametrize("method", ["telea", "navier-stokes"])
def test_nothing_of_the_hole_is_seen(method: ClassicalMethod) -> None:
    first = planes(draw(0, 90, 120, 3))
    second = np.where(HOLE, 255 - first, first)
    for filled in (first, second):
        ClassicalFilling(method).fill(filled, HOLE, 8)
    assert np.array_equal(first, second)


def test_a_flat_picture_stays_flat() -> None:
    flat = np.full((3, 90, 120), 77, np.uint8)
    flat[:, HOLE > 0] = 200
    ClassicalFilling("navier-stokes").fill(flat, HOLE, 8)
    assert (flat == 77).all()
