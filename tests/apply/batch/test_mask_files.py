"""A mask that is named is a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from img2img.apply.batch.job import PlanError
from img2img.apply.batch.mask_files import masks_of


def test_a_mask_that_is_a_pipe_or_a_device_is_refused_unread(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    photos = [(tmp_path / "a.png", Path("a.png"))]
    for mask, kind in ((tmp_path / "fifo", "a pipe"), (Path("/dev/zero"), "a device")):
        with pytest.raises(PlanError, match=f"is {kind}, not a regular file"):
            masks_of(photos, mask)
