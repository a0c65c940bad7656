"""Colour under transparent pixels."""

import pytest
import torch

from img2img.images import bleed


def test_hidden_pixels_take_the_nearest_opaque_colour() -> None:
    torch.manual_seed(0)
    pixels, alpha = torch.rand(3, 12, 15) * 2 - 1, torch.zeros(1, 12, 15)
    alpha[0, 2, 3] = alpha[0, 9, 12] = 1.0
    alpha[0, 2, 4] = 0.1  # half seen: keeps its colour, lends it to nobody
    out = bleed(pixels, alpha)
    assert torch.equal(out[:, 2, 4], pixels[:, 2, 4])
    first, second = pixels[:, 2, 3], pixels[:, 9, 12]
    for y in range(12):
        for x in range(15):
            if alpha[0, y, x] == 0:
                near, far = (y - 2) ** 2 + (x - 3) ** 2, (y - 9) ** 2 + (x - 12) ** 2
                if abs(near**0.5 - far**0.5) > 0.5:  # OpenCV's 5 x 5 distance is off by up to 2 percent
                    assert torch.equal(out[:, y, x], first if near < far else second)


def test_without_transparency_nothing_changes() -> None:
    pixels = torch.rand(3, 4, 5)
    assert bleed(pixels, None) is pixels
    assert bleed(pixels, torch.ones(1, 4, 5)) is pixels
    assert bleed(pixels, torch.zeros(1, 4, 5)) is pixels


def test_faint_pixels_lend_where_nothing_is_opaque() -> None:
    pixels, alpha = torch.zeros(1, 3, 3), torch.zeros(1, 3, 3)
    pixels[0, 1, 1], alpha[0, 1, 1] = 0.7, 0.2
    assert torch.equal(bleed(pixels, alpha), torch.full((1, 3, 3), 0.7))


def test_no_halo_after_a_blur() -> None:
    pixels, alpha = torch.full((1, 9, 9), -1.0), torch.zeros(1, 9, 9)  # black below nothing
    pixels[:, 3:6, 3:6], alpha[:, 3:6, 3:6] = 0.5, 1.0
    blurred = torch.nn.functional.avg_pool2d(bleed(pixels, alpha), 3, 1, 1, count_include_pad=False)
    assert torch.allclose(blurred[:, 3:6, 3:6], torch.full((1, 3, 3), 0.5))


@pytest.mark.parametrize("kind", [torch.uint8, torch.uint16])
def test_integers_are_bled_as_floats_are(kind: torch.dtype) -> None:
    torch.manual_seed(0)
    pixels, alpha = torch.randint(0, 256, (3, 9, 8)).to(kind), (torch.rand(1, 9, 8) > 0.5).float()
    assert torch.equal(bleed(pixels, alpha).float(), bleed(pixels.float(), alpha))
