from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from img2img.data.damage.jpeg import compressed


def smooth(channels: int, height: int, width: int) -> Tensor:
    torch.manual_seed(0)
    coarse = torch.rand(1, channels, 12, 12)
    picture = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic").clamp(0, 1)
    return (picture * 255).round() / 255


def by_libjpeg(picture: Tensor, quality: int, halved: bool) -> Tensor:
    pixels = (picture[0].permute(1, 2, 0).squeeze(-1) * 255).round().byte().numpy()
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=2 if halved else 0)
    found = torch.from_numpy(np.asarray(Image.open(file)).copy()) / 255
    return found.view(*found.shape[:2], -1).permute(2, 0, 1)[None]


@pytest.mark.parametrize("channels, halved", [(1, True), (3, False), (3, True)])
@pytest.mark.parametrize("quality", [30, 60, 90])
def test_it_is_what_libjpeg_makes(channels: int, halved: bool, quality: int) -> None:
    picture = smooth(channels, 53, 70)
    expected = by_libjpeg(picture, quality, halved)
    found = compressed(picture, torch.full((1, 1, 1, 1), float(quality)), halved)
    assert found.shape == picture.shape
    difference = (found - expected).abs().mean() * 255
    assert difference < 1.5
    assert difference < 0.5 * (expected - picture).abs().mean() * 255


def test_each_picture_has_its_own_quality() -> None:
    pictures = torch.rand(1, 3, 24, 24).expand(3, -1, -1, -1)
    found = compressed(pictures, torch.tensor([5.0, 50.0, 95.0]).view(-1, 1, 1, 1), halved=False)
    errors = (found - pictures).abs().mean((1, 2, 3))
    assert errors[0] > errors[1] > errors[2]
    alone = compressed(pictures[1:2], torch.full((1, 1, 1, 1), 50.0), halved=False)
    assert torch.equal(found[1:2], alone)


def test_colour_at_half_the_resolution_loses_fine_colour() -> None:
    stripes = torch.full((1, 3, 32, 32), 0.5)
    stripes[:, 0, :, ::2], stripes[:, 2, :, ::2] = 0.6, 0.3
    best = torch.full((1, 1, 1, 1), 100.0)
    whole, half = (compressed(stripes, best, halved) for halved in (False, True))
    assert (whole - stripes).abs().mean() < 0.01
    assert (half - stripes).abs().mean() > 0.05


def test_a_flat_picture_stays_flat() -> None:
    flat = torch.full((1, 1, 20, 20), 128 / 255)
    assert (compressed(flat, torch.full((1, 1, 1, 1), 30.0), halved=True) - flat).abs().max() < 1e-6
