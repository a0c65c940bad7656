from __future__ import annotations

import torch

from img2img.data.crop import pixels_at


def test_pixels_at_reads_what_indexing_reads() -> None:
    pictures = torch.arange(2 * 3 * 4 * 5).view(2, 3, 4, 5)
    rows, columns = torch.tensor([[[3], [0]], [[1], [1]]]), torch.tensor([[[0, 4]], [[2, 3]]])
    read = pixels_at(pictures, rows, columns)
    assert torch.equal(read[0], pictures[0][:, [3, 0]][:, :, [0, 4]])
    assert torch.equal(read[1], pictures[1][:, [1, 1]][:, :, [2, 3]])
