from __future__ import annotations

import torch

from img2img.data.critic_augment.diffaugment import diffaugment, random_hole, random_shift, recoloured
from img2img.data.crop import pixels_at


def test_a_shift_moves_by_at_most_an_eighth_and_fills_with_nothing() -> None:
    torch.manual_seed(0)
    pictures = torch.arange(1.0, 16 * 16 + 1).view(1, 1, 16, 16).expand(200, -1, -1, -1)
    rows, columns, inside = random_shift(pictures)
    moved = pixels_at(pictures, rows, columns) * inside[:, None]
    shifts = set()
    for picture in moved[:, 0]:
        row, column = picture.nonzero()[0].tolist()
        down, across = divmod(int(picture[row, column]) - 1, 16)
        shifts.add((row - down, column - across))
        expected = torch.zeros(20, 20)
        expected[2 + row - down :, 2 + column - across :][:16, :16] = pictures[0, 0]
        assert torch.equal(picture, expected[2:18, 2:18])
    assert shifts == {(down, across) for down in range(-2, 3) for across in range(-2, 3)}


def test_a_hole_is_half_as_wide_and_anywhere() -> None:
    torch.manual_seed(0)
    holes = random_hole(torch.zeros(2000, 1, 12, 12))
    tall, wide = holes.any(dim=2).sum(dim=1), holes.any(dim=1).sum(dim=1)
    assert torch.equal(holes.sum(dim=(1, 2)), tall * wide)  # a rectangle without gaps
    assert set(tall.tolist()) == set(wide.tolist()) == {3, 4, 5, 6}
    assert holes.any(dim=0).all()


def test_colours_of_grey_pictures_are_a_line() -> None:
    torch.manual_seed(0)
    images = torch.rand(300, 1, 8, 8) * 2 - 1
    changed = recoloured(images)
    brighter = (changed - images).mean(dim=(1, 2, 3))
    assert brighter.abs().max() <= 0.5
    assert brighter.abs().max() > 0.45
    spread = changed - changed.mean(dim=(2, 3), keepdim=True)
    was = images - images.mean(dim=(2, 3), keepdim=True)
    contrast = (spread * was).sum(dim=(1, 2, 3)) / was.square().sum(dim=(1, 2, 3))
    assert (spread - contrast.view(-1, 1, 1, 1) * was).abs().max() < 1e-5
    assert 0.5 <= contrast.min() < 0.55
    assert 1.45 < contrast.max() <= 1.5


def test_saturation_scales_the_distance_from_grey() -> None:
    torch.manual_seed(0)
    images = torch.rand(300, 3, 4, 4)
    changed = recoloured(images)
    chroma, was = (x - x.mean(dim=1, keepdim=True) for x in (changed, images))
    ratio = (chroma * was).sum(dim=(1, 2, 3)) / was.square().sum(dim=(1, 2, 3))
    assert (chroma - ratio.view(-1, 1, 1, 1) * was).abs().max() < 1e-5
    assert ratio.min() >= 0
    assert 1.8 < ratio.max() <= 3  # saturation up to 2, times contrast up to 1.5


def test_a_share_of_the_picture_remains() -> None:
    """16 px: shifts of up to 2 px leave 0.925 of a side; holes of 8 px, cut at the borders, take 0.426 of it."""
    torch.manual_seed(0)
    (ones,) = diffaugment(torch.ones(2000, 2, 16, 16), [])
    share = ones.mean()
    assert abs(share - 0.925**2 * (1 - 0.426**2)) < 0.02


def test_the_condition_moves_with_the_image_and_keeps_its_colours() -> None:
    torch.manual_seed(0)
    images = torch.rand(6, 6, 16, 16) + 1
    moved, condition = diffaugment(images, [images[:, :2]])
    assert torch.equal(moved[:, :2], condition)  # six channels: no colour
    coloured, condition = diffaugment(images[:, :3] + 10, [images[:, :3]])
    assert torch.equal(coloured == 0, condition == 0)
    kept = condition != 0
    assert torch.isin(condition[kept], images).all()
    assert torch.isin(coloured[kept] - 10, images).float().mean() < 0.01
