"""Grids, zoom, films: pixels where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from img2img.apply.sample.picture_files import as_image, grid, write_each, write_film, zoomed
from img2img.config.base import Refusal


def test_pictures_lie_in_rows_and_the_rest_is_black() -> None:
    pictures = torch.stack([torch.full((3, 4, 6), value) for value in (0.0, 0.25, 0.5)])
    sheet = grid(pictures, across=2, gap=1)
    assert sheet.shape == (3, 1 + 2 * 5, 1 + 2 * 7)
    for number, (top, left) in enumerate([(1, 1), (1, 8), (6, 1)]):
        assert torch.equal(sheet[:, top : top + 4, left : left + 6], pictures[number])
    assert sheet[:, 6:, 8:].unique().tolist() == [-1.0]
    assert (sheet == -1).sum() == sheet.numel() - 3 * 3 * 4 * 6


@pytest.mark.parametrize(("side", "zoom", "result"), [(28, None, 84), (64, None, 64), (100, None, 100), (28, 1, 28)])
def test_small_pictures_are_enlarged_pixel_by_pixel(side: int, zoom: int | None, result: int) -> None:
    picture = torch.rand(1, 1, side, side)
    larger = zoomed(picture, zoom)
    times = result // side
    assert larger.shape == (1, 1, result, result) and torch.equal(larger[..., ::times, ::times], picture)
    assert torch.equal(larger[..., times - 1 :: times, times - 1 :: times], picture)


def test_files_hold_the_pixels(tmp_path: Path) -> None:
    levels = torch.arange(0, 256).reshape(1, 1, 16, 16).float()
    (path,) = write_each(levels / 127.5 - 1, ["a"], tmp_path / "new")
    assert path.name == "a.png" and list(Image.open(path).getdata()) == list(range(256))
    assert as_image(torch.zeros(3, 2, 2)).mode == "RGB"


def test_a_film_has_every_frame_and_goes_on(tmp_path: Path) -> None:
    frames = torch.linspace(-1, 1, 5)[:, None, None, None].expand(5, 1, 32, 32)
    write_film(frames, tmp_path / "film.webp")
    film = Image.open(tmp_path / "film.webp")
    assert film.n_frames == 5 and film.info["loop"] == 0 and film.size == (32, 32)


def test_other_files_are_refused(tmp_path: Path) -> None:
    from img2img.apply.sample.picture_files import write_picture

    with pytest.raises(Refusal, match=r"ends in \.gif; allowed: \.png"):
        write_picture(as_image(torch.zeros(1, 2, 2)), tmp_path / "a.gif")
