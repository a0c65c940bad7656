"""Integers that are made on the device are those of `to_samples`."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import torch

from img2img.apply.engine.packing import packed
from img2img.images import to_samples


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_every_value_is_rounded_as_in_files(bits: Literal[8, 16], channels: int, layout: torch.memory_format) -> None:
    top = 2**bits - 1
    levels = torch.arange(-3, 2 * top + 6).float() / 2  # halves too, and beyond both ends
    levels = levels[torch.randperm(len(levels), generator=torch.Generator().manual_seed(0))][: 90 * 1500]
    row = torch.cat([levels, torch.tensor([-1e30, 1e30, -0.0])]) / (top / 2) - 1
    band = row.repeat(channels, 40, 1)[None].to(memory_format=layout)[0]
    made = packed(band, bits)
    assert made.dtype == (torch.uint8 if bits == 8 else torch.uint16)
    assert np.array_equal(made.numpy(), to_samples(band, bits))


def test_a_band_of_a_wider_strip_is_taken_as_it_is() -> None:
    strip = torch.rand(3, 50, 70) * 2 - 1
    kept = strip.clone()
    assert np.array_equal(packed(strip[:, 3:31, :66], 8).numpy(), to_samples(strip[:, 3:31, :66], 8))
    assert torch.equal(strip, kept)
