"""Borders are those of torch's own padding, in either memory layout."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.functional import pad

from img2img.networks.layers.borders import ReflectingConvolution, bordered, bordered_as_volume


@pytest.mark.parametrize("mode", ["reflect", "replicate"])
@pytest.mark.parametrize("width", [1, 3])
def test_both_ways_are_torchs_padding(mode, width) -> None:  # type: ignore[no-untyped-def]
    image = torch.randn(2, 3, 6, 5).contiguous(memory_format=torch.channels_last).requires_grad_()
    wanted = pad(image, (width,) * 4, mode=mode)
    (slope,) = torch.autograd.grad(wanted.square().sum(), image)
    for way in (bordered, bordered_as_volume):
        found = way(image, width, mode)
        assert torch.equal(found, wanted)
        torch.testing.assert_close(torch.autograd.grad(found.square().sum(), image)[0], slope)
    assert bordered_as_volume(image, width, mode).is_contiguous(memory_format=torch.channels_last)


def test_the_convolution_has_torchs_names_and_results() -> None:
    torch.manual_seed(0)
    ours, torchs = ReflectingConvolution(2, 3, 7, bias=True), nn.Conv2d(2, 3, 7, padding=3, padding_mode="reflect")
    ours.load_state_dict(torchs.state_dict())
    image = torch.randn(1, 2, 9, 8)
    assert torch.equal(ours(image), torchs(image))
