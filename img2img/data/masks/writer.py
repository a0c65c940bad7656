"""Masks as files, so that others can be measured by the same holes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from img2img.config.base import Refusal
from img2img.config.data_commands import MasksConfig
from img2img.config.toml import to_toml
from img2img.images.atomic import open_atomically, write_atomically

from .drawn import Masks, drawn_one_by_one

OPTIONS = "masks.toml"
"""Beside the masks: all that they were drawn by, for `--config`."""


def write_masks(config: MasksConfig, tell: Callable[[Path], None] = lambda path: None) -> list[float]:
    """Writes 0.png, 1.png, ... of grey 0 and 255, and masks.toml with the seed and all options; `tell` hears each file.

    Returns the shares of the picture that the holes cover.
    Raises Refusal for a folder that has something in it, and as `Masks` does; OSError where it cannot be written.
    """
    files = config.files
    if files.out.exists() and (not files.out.is_dir() or any(files.out.iterdir())):
        raise Refusal(f"--out {files.out}: there is something already; name a new folder, or an empty one")
    masks = Masks(config.masks, files.height)
    files.out.mkdir(parents=True, exist_ok=True)
    with write_atomically(files.out / OPTIONS) as temporary:
        temporary.write_text(to_toml(config), encoding="utf-8")
    covered, digits = [], len(str(files.count - 1))
    sizes = [(files.height, files.width)] * files.count
    for number, mask in enumerate(drawn_one_by_one(masks, sizes, files.seed)):
        hole = mask[0, 0].numpy() > 0
        white = hole if config.masks.hole == "white" else ~hole
        path = files.out / f"{number:0{digits}}.png"
        with open_atomically(path) as draft:
            Image.fromarray(white.astype(np.uint8) * 255).save(draft.stream, format="PNG")
        covered.append(float(hole.mean()))
        tell(path)
    return covered
