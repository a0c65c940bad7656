from __future__ import annotations

import math

import pytest
import torch
from support.metric_pictures import from_levels, picture

from img2img.config.base import Refusal
from img2img.metrics import psnr
from img2img.metrics.eight_bit import levels


@pytest.mark.parametrize(
    ("rgb", "luma"),
    [((0, 0, 0), 16), ((255, 255, 255), 235), ((255, 0, 0), 81.481), ((0, 255, 0), 144.553), ((0, 0, 255), 40.966)],
)
def test_luma_is_bt601_in_studio_range(rgb: tuple[int, int, int], luma: float) -> None:
    assert abs(levels(from_levels(*rgb), "y").item() - luma) < 1e-5


def test_grey_is_three_equal_channels() -> None:
    grey = picture(1, channels=1)
    assert torch.equal(levels(grey, "y"), levels(grey.expand(3, -1, -1), "y"))
    for channels in ("y", "rgb"):
        assert psnr(grey, picture(2), channels=channels) == psnr(grey.expand(3, -1, -1), picture(2), channels=channels)


def test_an_error_of_one_level() -> None:
    reference = from_levels(100, 100, 100).expand(3, 8, 8)
    error = from_levels(101, 101, 101).expand(3, 8, 8)
    assert abs(psnr(error, reference, channels="rgb").item() - 20 * math.log10(255)) < 1e-6
    assert abs(psnr(error, reference, channels="y").item() - 20 * math.log10(255 * 255 / 219)) < 1e-4
    one_channel = from_levels(100, 103, 100).expand(3, 8, 8)
    assert abs(psnr(one_channel, reference, channels="rgb").item() - 10 * math.log10(255**2 / 3)) < 1e-6


def test_pictures_are_rounded_as_files_are() -> None:
    reference = picture(1)
    assert psnr(reference + 0.3 / 127.5, reference) == math.inf
    assert psnr((reference * 3).clamp(-1, 1), (reference * 3)) == math.inf


def test_the_border_does_not_count() -> None:
    reference = picture(1)
    spoilt = reference.clone()
    spoilt[:, :4], spoilt[:, :, -4:] = -1, 1
    assert psnr(spoilt, reference, border=4) == math.inf
    assert psnr(spoilt, reference, border=3) < 40


def test_batches_are_measured_picture_by_picture() -> None:
    one, other = torch.stack([picture(1), picture(2)]), torch.stack([picture(3), picture(4)])
    found = psnr(one, other, border=2)
    assert found.shape == (2,)
    assert found.tolist() == [psnr(one[index], other[index], border=2).item() for index in (0, 1)]


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(Refusal, match="33x40 and 33x39"):
        psnr(picture(1), picture(1)[:, :39])
    with pytest.raises(Refusal, match="33x40 has nothing within a border of 17 px"):
        psnr(picture(1), picture(2), border=17)
