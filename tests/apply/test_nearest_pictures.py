"""Nearest pictures: against all distances at once, whatever the batches."""

from __future__ import annotations

import pytest
import torch

from img2img.apply.neighbours import nearest


@pytest.mark.parametrize("sizes", [[50], [7, 20, 1, 22], [1] * 50])
def test_batches_make_no_difference(sizes: list[int]) -> None:
    torch.manual_seed(0)
    pictures, others = torch.rand(4, 1, 5, 5), torch.rand(50, 1, 5, 5)
    found, distances = nearest(pictures, others.split(sizes), 3)
    apart = (pictures[:, None] - others[None]).square().mean(dim=(2, 3, 4)).sqrt()
    expected, places = apart.topk(3, largest=False)
    torch.testing.assert_close(distances, expected, rtol=0, atol=1e-4)
    assert torch.equal(found, others[places])


def test_a_copy_is_its_own_neighbour() -> None:
    torch.manual_seed(0)
    others = torch.rand(9, 3, 4, 4)
    found, distances = nearest(others[4:5], [others], 1)
    assert torch.equal(found[0, 0], others[4]) and distances[0, 0] < 1e-3


def test_fewer_where_there_are_no_more() -> None:
    assert nearest(torch.rand(2, 1, 4, 4), [torch.rand(3, 1, 4, 4)], 5)[0].shape == (2, 3, 1, 4, 4)
