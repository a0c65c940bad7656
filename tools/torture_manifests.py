"""Manifests: what a folder's results came from, as somebody else may have written it."""

from __future__ import annotations

import warnings
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp

import torch
from PIL import Image
from torture import Answer, Subject, or_refused
from torture_makings import smooth, upscaler
from torture_mutators import MUTATORS
from torture_structures import odd_lines

from img2img.apply.batch.manifest import NAME, SUFFIX
from img2img.apply.batch.plan import plan
from img2img.apply.batch.run import run_batch
from img2img.apply.models import open_upscaler

_MANIFEST = NAME + SUFFIX


def manifests() -> Subject:
    """Beside three results. Whatever is in it, results are right or the call is refused."""
    whole = {_MANIFEST.lstrip("."): (_made() / _MANIFEST).read_bytes()}
    return Subject(whole, _ask, {**MUTATORS, "odd-line": odd_lines})


def _ask(path: Path, whole: bytes, mutator: str) -> Answer:
    out = path.with_suffix(".out")
    rmtree(out, ignore_errors=True)
    copytree(_made(), out)
    (out / _MANIFEST).write_bytes(path.read_bytes())
    states = or_refused(lambda: _upscaled(out), out)
    if states is not None and set(states) <= {"written", "skipped"}:
        for result in _made().glob("*.png"):
            if (out / result.name).read_bytes() != result.read_bytes():
                raise AssertionError(f"{result.name} is not what it was")
        again = _upscaled(out)
        if set(again) != {"skipped"}:
            raise AssertionError(f"the same call a second time: {again}")
    rmtree(out)
    if states is None:
        return "refused"
    if "failed" in states:
        raise AssertionError(f"{states}")
    return "unharmed" if set(states) == {"skipped"} else "changed"


def _upscaled(out: Path) -> list[str]:
    model = open_upscaler(str(_made().parent / "w.safetensors"), None, device=torch.device("cpu"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jobs = plan([_made().parent / "photos"], out, model.label)
        return [report.state for report in run_batch(jobs, model)]


@cache
def _made() -> Path:
    """A folder of results, beside their photos and weights."""
    root = Path(mkdtemp(prefix="torture-results-"))
    (root / "photos").mkdir()
    for number in range(3):
        Image.fromarray(smooth(24, 16, number)).save(root / "photos" / f"{number}.png")
    (root / "w.safetensors").write_bytes(upscaler())
    out = root / "out"
    out.mkdir()
    _made_at(root, out)
    return out


def _made_at(root: Path, out: Path) -> None:
    model = open_upscaler(str(root / "w.safetensors"), None, device=torch.device("cpu"))
    list(run_batch(plan([root / "photos"], out, model.label), model))
