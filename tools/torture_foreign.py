"""Other people's weights: torch's checkpoints, zipped and as before torch 1.6, and safetensors files without a card."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torture import Answer, Subject, or_refused
from torture_makings import smooth
from torture_mutators import MUTATORS
from torture_structures import odd_tree
from torture_weights import named, odd_header

from img2img.apply.converter import Converter
from img2img.apply.models import open_upscaler
from img2img.weights import import_reference

_ODD = (
    None, [], {}, "", "\0", True, -1, 1e999, 10**30, b"x", (), {1: 2}, {None: torch.zeros(1)}, float("nan"),
    torch.zeros(()), torch.zeros(0), torch.zeros(1, 1, 1, 1), torch.zeros(64, 3, 3, 3, dtype=torch.int64),
    torch.zeros(8, 3, 3, 3, dtype=torch.complex64), torch.full((8, 3, 3, 3), float("nan")), torch.zeros(3, 3).bool(),
)  # fmt: skip


def foreign() -> Subject:
    """Two kinds of upscalers and a translator of the papers' code."""
    pickles = {"compact": _compact(), "esrgan": _esrgan(), "netG": _translator()}
    whole = {f"{name}.pth": _pickled({"params_ema": tensors}) for name, tensors in pickles.items()}
    whole |= {f"{name}.bare.pth": _pickled(tensors) for name, tensors in pickles.items()}
    whole["compact.legacy.pth"] = _pickled(pickles["compact"], zipped=False)
    whole["compact.safetensors"] = save(pickles["compact"])
    pths = tuple(name for name in whole if name.endswith(".pth"))
    zips = tuple(name for name in pths if "legacy" not in name)
    mutators = {**MUTATORS, "odd-content": odd_content, "odd-part": odd_part, "odd-header": odd_header}
    return Subject(
        whole, _ask, mutators, {"odd-content": pths, "odd-part": zips, "odd-header": ("compact.safetensors",)}
    )


def odd_content(data: bytes, rng: np.random.Generator) -> bytes:
    """One place of what was pickled is left out, renamed, moved, or something odd."""
    content = torch.load(io.BytesIO(data), weights_only=True)
    return _pickled(odd_tree(_plain(content), rng, lambda rng: _ODD[int(rng.integers(len(_ODD)))]))


def odd_part(data: bytes, rng: np.random.Generator) -> bytes:
    """A part of the archive is damaged, and its checksum right."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        names = old.namelist()
        chosen, way = str(rng.choice(names)), str(rng.choice(list(MUTATORS)))
        for name in names:
            part = old.read(name)
            new.writestr(name, MUTATORS[way](part, rng) if name == chosen and len(part) > 3 else part)
    return out.getvalue()


def _ask(path: Path, whole: bytes, mutator: str) -> Answer:
    seen = or_refused(lambda: named(path, _applied), path)
    if seen is None:
        return "refused"
    before = path.with_name(f"whole{path.suffix}")
    before.write_bytes(whole)
    if np.array_equal(seen, _applied(before, path.name), equal_nan=True):
        return "unharmed"
    return "SILENT" if _checksum_tells(path) else "changed"


def _applied(path: Path, name: str = "") -> np.ndarray:
    """A picture of 16 x 20 px through it. name: of the file, where that is not the path's."""
    if "netG" in (name or path.name):
        network, _ = import_reference(path, source="a", target="b")
        with torch.inference_mode():
            result: np.ndarray = network.eval()(torch.linspace(-1, 1, 768).reshape(1, 3, 16, 16)).numpy()
        return result
    return Converter(open_upscaler(str(path), None, device=torch.device("cpu")))(smooth(20, 16))


def _checksum_tells(path: Path) -> bool:
    """Whether a checksum of the archive is not that of its part."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is not None
    except Exception:  # what Python cannot read, torch may
        return False


def _pickled(content: Any, zipped: bool = True) -> bytes:
    out = io.BytesIO()
    torch.save(content, out, _use_new_zipfile_serialization=zipped)
    return out.getvalue()


def _plain(content: Any) -> Any:
    return {key: _plain(value) for key, value in content.items()} if isinstance(content, dict) else content


def _compact() -> dict[str, torch.Tensor]:
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    return dict(Compact(num_in_ch=3, num_out_ch=3, num_feat=8, num_conv=2, upscale=2).state_dict())


def _esrgan() -> dict[str, torch.Tensor]:
    from spandrel.architectures.ESRGAN import ESRGAN

    torch.manual_seed(0)
    return dict(ESRGAN(num_filters=8, num_blocks=1, scale=4).state_dict())


def _translator() -> dict[str, torch.Tensor]:
    """The keys and shapes of a residual generator of pytorch-CycleGAN-and-pix2pix, two channels wide."""
    shapes = {"1": (2, 3, 7, 7), "4": (4, 2, 3, 3), "7": (8, 4, 3, 3)}
    blocks = {f"{number}.conv_block.{place}": (8, 8, 3, 3) for number in range(10, 16) for place in (1, 5)}
    shapes |= blocks | {"16": (8, 4, 3, 3), "19": (4, 2, 3, 3), "23": (3, 2, 7, 7)}
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for place, shape in shapes.items():
        width = shape[1] if place in ("16", "19") else shape[0]  # transposed convolutions begin with their input
        tensors[f"model.{place}.weight"] = torch.randn(shape, generator=generator) / 8
        tensors[f"model.{place}.bias"] = torch.randn(width, generator=generator) / 8
    return tensors
