from __future__ import annotations

import numpy as np
import torch
from support.data_drawing import Draw

from img2img.data.folders.find import Picture
from img2img.data.loading.batches import Batches, stacked, window
from img2img.data.loading.order import Order
from img2img.data.loading.rows import Rows


def test_windows_reach_every_place_and_no_further() -> None:
    pixels = np.arange(5 * 7).reshape(1, 5, 7)
    corners = {int(window(pixels, (4, 4), down, 0.0)[0, 0, 0]) // 7 for down in np.linspace(0, 0.999, 50)}
    assert corners == {0, 1}
    assert np.array_equal(window(pixels, (4, 4), 0.999, 0.999), pixels[:, 1:5, 3:7])
    assert np.array_equal(window(pixels, (4, 4), 0.5, 0.5), pixels[:, 1:5, 2:6])


def test_stacked_keeps_bytes() -> None:
    pictures = [np.full((3, 2, 2), value, np.uint8) for value in (0, 7, 255)]
    batch = stacked(pictures, deep=False)
    assert batch.dtype == torch.uint8
    assert batch[:, 0, 0, 0].tolist() == [0, 7, 255]


def test_deep_and_shallow_pictures_meet_in_float() -> None:
    batch = stacked([np.full((1, 2, 2), 51, np.uint8), np.full((1, 2, 2), 40001, np.uint16)], deep=True)
    assert batch.dtype == torch.float32
    assert torch.allclose(batch[:, 0, 0, 0], torch.tensor([51 / 255, 40001 / 65535]), rtol=0, atol=1e-7)


def test_steps_that_share_a_picture_read_it_once(draw: Draw) -> None:
    file = draw("1.png", (40, 30))
    rows = Rows({"high": (Picture(file),)}, {"high": 3}, (16, 16), "crop")
    whole = rows[0]["high"]
    batches = Batches([(rows, Order(1, seed=0, stream=0, batch_size=1, windows=5))], (16, 16), {"high": False})
    reads = []
    rows._read = lambda row: reads.append(row) or {"high": whole}  # type: ignore[method-assign]
    group = batches.group(0).batches
    assert reads == [0]
    assert len(group) == 5
    draws = [draw for step in range(5) for draw in batches.tables[0][1].batch(step)]
    places = [(int(draw.down * 15), int(draw.across * 25)) for draw in draws]
    for batch, (top, left) in zip(group, places, strict=True):
        assert np.array_equal(batch["high"][0].numpy(), whole[:, top : top + 16, left : left + 16])
