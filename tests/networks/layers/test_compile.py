"""What torch.compile must not break."""

from __future__ import annotations

import shutil

import pytest
import torch

from img2img.networks.layers.upsampling import ResizeConvolution


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_a_compiled_resize_convolution_gives_the_same_in_channels_last():
    """In channels_last, compiled replication padding failed: its gradient was taken for a contiguous one."""
    layer = ResizeConvolution(4, 4, bias=True).to(memory_format=torch.channels_last)
    image = torch.randn(2, 4, 6, 6).contiguous(memory_format=torch.channels_last).requires_grad_()
    results = []
    for call in (layer, torch.compile(layer)):
        image.grad = None
        output = call(image)
        output.square().sum().backward()
        results.append((output.detach(), image.grad.clone()))
    assert all((one - other).abs().max() < 1e-4 for one, other in zip(*results, strict=True))
