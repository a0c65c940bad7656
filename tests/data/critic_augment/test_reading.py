"""Pictures are read between their pixels as grid_sample reads them, and exactly on whole places."""

from __future__ import annotations

import torch
from torch.autograd import gradcheck, gradgradcheck
from torch.nn.functional import grid_sample

from img2img.data.critic_augment.reading import Reading, folded


def test_places_are_folded_at_the_outermost_pixels() -> None:
    places = torch.tensor([-5.0, -1.5, 0.0, 2.25, 4.0, 5.0, 8.0, 13.0])
    assert torch.equal(folded(places, torch.tensor(4.0)), torch.tensor([3.0, 1.5, 0.0, 2.25, 4.0, 3.0, 0.0, 3.0]))


def test_it_agrees_with_grid_sample() -> None:
    torch.manual_seed(0)
    pictures = torch.randn(2, 3, 7, 9)
    places = torch.rand(2, 2, 7 * 9) * torch.tensor([[30.0], [20.0]]) - 10  # beyond the borders, too
    grid = (places / torch.tensor([[4.0], [3.0]]) - 1).transpose(1, 2).unflatten(1, (7, 9))
    expected = grid_sample(pictures, grid, padding_mode="reflection", align_corners=True)
    assert (Reading.at(places, 7, 9).of(pictures) - expected).abs().max() < 2e-5


def test_whole_places_are_exact_to_the_last_pixel() -> None:
    pictures = torch.randn(1, 2, 4, 5)
    y, x = torch.meshgrid(torch.arange(4.0), torch.arange(5.0), indexing="ij")
    places = torch.stack([x, y])[None].flatten(2)
    for layout in (torch.contiguous_format, torch.channels_last):
        read = Reading.at(places, 4, 5).of(pictures.contiguous(memory_format=layout))
        assert torch.equal(read, pictures)


def test_gradients_have_gradients() -> None:
    torch.manual_seed(0)
    reading = Reading.at(torch.rand(2, 2, 6) * 3, 2, 3)
    weights = Reading(reading.pixels, reading.weights.double())
    pictures = torch.randn(2, 2, 2, 3, dtype=torch.float64, requires_grad=True)
    assert gradcheck(weights.of, pictures)
    assert gradgradcheck(weights.of, pictures)
