from __future__ import annotations

import pytest
import torch
from torch import Tensor

from img2img.data.masks.areas import shares
from img2img.data.masks.canvas import Canvas
from img2img.data.masks.shapes import blobs, borders, box, boxes, centre

CANVAS = Canvas(64, 40, 56)


def aims(low: float = 0.1, high: float = 0.5) -> Tensor:
    torch.manual_seed(3)
    return CANVAS.uniform(low, high)


def test_the_field_of_a_box_is_the_farther_way_out_of_it() -> None:
    top, left, bottom, right = (torch.full((1, 1, 1), float(edge)) for edge in (2, 3, 6, 9))
    field = box(Canvas(1, 8, 12), top, left, bottom, right)[0]
    for row in range(8):
        for column in range(12):
            y, x = row + 0.5, column + 0.5
            assert abs(field[row, column] - max(2 - y, y - 6, 3 - x, x - 9)) < 1e-6
    assert (field <= 0).nonzero().tolist() == [[row, column] for row in range(2, 6) for column in range(3, 9)]


def test_the_centre_is_the_context_encoders_where_it_has_its_area() -> None:
    hole = centre(Canvas(1, 128, 128), torch.full((1, 1, 1), (56 / 128) ** 2))[0] <= 0
    wanted = torch.zeros(128, 128, dtype=torch.bool)
    wanted[36:92, 36:92] = True
    assert torch.equal(hole, wanted)


def test_boxes_have_the_sides_that_are_asked_for() -> None:
    torch.manual_seed(0)
    holes = boxes(CANVAS, most=1, smallest=0.2, largest=0.4) <= 0
    for hole in holes:
        rows, columns = hole.any(1).sum().item(), hole.any(0).sum().item()
        assert hole.sum() == rows * columns, "one box, whole"
        assert 40 * 0.2 - 1 <= rows <= 40 * 0.4 + 1 and 56 * 0.2 - 1 <= columns <= 56 * 0.4 + 1
    assert len({tuple(hole.flatten().tolist()) for hole in holes}) == 64


def test_up_to_so_many_boxes_make_up_a_hole() -> None:
    torch.manual_seed(0)
    one = shares(boxes(CANVAS, most=1, smallest=0.2, largest=0.2) <= 0)
    several = shares(boxes(CANVAS, most=3, smallest=0.2, largest=0.2) <= 0)
    assert one.max() < 1.5 * one.min() and several.max() > 2.5 * one.mean()
    assert several.min() < 1.1 * one.mean() and several.max() <= 3.1 * one.max()


def test_borders_reach_the_border_and_leave_one_rectangle() -> None:
    wanted = aims()
    holes = borders(CANVAS, wanted) <= 0
    found = shares(holes)
    # A rectangle's edges lie between pixels: each of its sides is off by less than a px.
    assert (found - wanted.flatten()).abs().max() < 1 / 40 + 1 / 56
    sides = torch.stack([holes[:, 0].all(1), holes[:, -1].all(1), holes[..., 0].all(1), holes[..., -1].all(1)])
    assert sides.any(0).all(), "every hole takes a whole side of its picture"
    assert {int(count) for count in sides.sum(0)} >= {1, 2}, "some take one side, some several"
    assert sides.any(1).all(), "each of the four sides is taken by some"
    for kept in ~holes:
        assert kept.sum() == kept.any(0).sum() * kept.any(1).sum()


def test_blobs_are_ragged_and_of_about_the_area_aimed_at() -> None:
    wanted = aims()
    holes = blobs(CANVAS, wanted) <= 0
    gap = (shares(holes) - wanted.flatten()).abs()
    assert gap.mean() < 0.03 and gap.max() < 0.15
    edges = (holes[:, 1:] != holes[:, :-1]).sum() + (holes[:, :, 1:] != holes[:, :, :-1]).sum()
    squares = 4 * (wanted.flatten() * 40 * 56).sqrt().sum()
    assert edges > 1.3 * squares, "longer coasts than squares of the same area"


@pytest.mark.parametrize("shape", [centre, borders, blobs])
def test_draws_are_from_the_global_state(shape) -> None:
    wanted = aims()
    fields = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        fields.append(shape(CANVAS, wanted))
    assert torch.equal(fields[0], fields[1])
    assert torch.equal(fields[0], fields[2]) == (shape is centre)
