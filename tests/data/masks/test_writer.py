from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from img2img.config.base import Refusal
from img2img.config.data_commands import MasksConfig
from img2img.config.toml import read_toml, resolve
from img2img.data.masks.writer import OPTIONS, write_masks


def written(out: Path, count: int = 3, hole: str = "white", **files: int) -> list[np.ndarray]:
    masks = {"masks": "blobs,boxes", "hole": hole}
    write_masks(resolve(MasksConfig, {"masks": masks, "files": {"out": out, "count": count, **files}}))
    return [np.asarray(Image.open(path)) for path in sorted(out.glob("*.png"))]


def test_white_is_the_hole_unless_told_otherwise(tmp_path: Path) -> None:
    heard: list[Path] = []
    config = resolve(MasksConfig, {"masks": {"largest_hole": 0.2}, "files": {"out": tmp_path / "new", "count": 11}})
    covered = write_masks(config, heard.append)
    assert [path.name for path in heard] == [f"{number:02}.png" for number in range(11)]
    for path, share in zip(heard, covered, strict=True):
        pixels = np.asarray(Image.open(path))
        assert pixels.shape == (256, 256) and set(pixels.ravel()) == {0, 255}
        assert abs((pixels == 255).mean() - share) < 1e-6 and share < 0.21
    white, black = written(tmp_path / "white"), written(tmp_path / "black", hole="black")
    assert len(white) == 3
    assert all(np.array_equal(one, 255 - other) for one, other in zip(white, black, strict=True))


def test_fewer_are_the_first_of_more_and_the_options_make_them_again(tmp_path: Path) -> None:
    many, few = (written(tmp_path / str(count), count, seed=4, height=20, width=30) for count in (4, 2))
    assert many[0].shape == (20, 30) and len(few) == 2
    assert all(np.array_equal(one, other) for one, other in zip(many, few, strict=False))
    config = resolve(MasksConfig, read_toml(tmp_path / "4" / OPTIONS, MasksConfig), {"files": {"out": tmp_path / "x"}})
    write_masks(config)
    again = [np.asarray(Image.open(path)) for path in sorted((tmp_path / "x").glob("*.png"))]
    assert len(again) == 4 and all(np.array_equal(one, other) for one, other in zip(many, again, strict=True))
    assert not np.array_equal(many[0], written(tmp_path / "other", 1, seed=5, height=20, width=30)[0])


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    for out in (tmp_path, tmp_path / "a file"):
        with pytest.raises(Refusal, match="there is something already"):
            written(out)
    assert not list(tmp_path.glob("*.png"))
