"""What lies in a run's folder: its checkpoint, its log, its options, its weights."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load, load_file
from torture import Answer, Subject, or_refused
from torture_makings import smooth
from torture_mutators import MUTATORS
from torture_structures import odd_json, odd_lines, odd_toml
from torture_weights import odd_card, odd_header, parts, with_metadata

from img2img.training.call import kind_of, train_by_options
from img2img.training.folder.checkpoint import CHECKSUM, OUTLINE, _checksum, read_state
from img2img.training.folder.run_folder import RunFolder

STEPS = 2


def checkpoints() -> Subject:
    """Read alone. It has a checksum: whatever is taken holds what was saved, or is right by a new checksum."""
    whole = {"checkpoint.safetensors": (run_folder() / "checkpoint.safetensors").read_bytes()}
    mutators = {**MUTATORS, "odd-outline": odd_outline, "odd-header": odd_header, "old-outline": old_outline}
    return Subject(whole, _ask_reader, mutators)


def runs() -> Subject:
    """A run that goes on for one step, after one of its files was damaged."""
    names = ("checkpoint.safetensors", "log.jsonl", "config.toml", "weights.safetensors")
    whole = {name: (run_folder() / name).read_bytes() for name in names}
    own = {"odd-outline": names[:1], "old-outline": names[:1], "odd-line": names[1:2], "odd-value": names[2:3]}
    ways = {"odd-outline": odd_outline, "old-outline": old_outline, "odd-line": odd_lines, "odd-value": odd_toml}
    return Subject(
        whole, _ask_run, {**MUTATORS, **ways, "odd-card": odd_card}, {**own, "odd-card": names[3:]}, share=0.2
    )


def odd_outline(data: bytes, rng: np.random.Generator) -> bytes:
    """One place of the state is what nobody expects there, and the checksum fits."""
    outline = odd_json(_outline(data), rng)
    try:
        right = _checksum(outline, load(data))
    except UnicodeEncodeError:
        return data[:-1]
    return with_metadata(data, OUTLINE, lambda _: outline, {CHECKSUM: right})


def old_outline(data: bytes, rng: np.random.Generator) -> bytes:
    """The same in a file of before there was a checksum."""
    return with_metadata(data, OUTLINE, lambda text: odd_json(text, rng), {CHECKSUM: ""})


def _outline(data: bytes) -> str:
    return str(json.loads(parts(data)[0])["__metadata__"][OUTLINE])


def _ask_reader(path: Path, whole: bytes, mutator: str) -> Answer:
    seen = or_refused(lambda: read_state(path), path)
    if seen is None:
        return "refused"
    before = path.with_name("whole.safetensors")
    before.write_bytes(whole)
    if _same(seen, read_state(before)):
        return "unharmed"
    return "changed" if mutator in ("odd-outline", "old-outline", "odd-header") else "SILENT"


def _ask_run(path: Path, whole: bytes, mutator: str) -> Answer:
    run = path.with_suffix(".run")
    rmtree(run, ignore_errors=True)
    copytree(run_folder(), run)
    name = path.name.removeprefix(f"{path.name.split('-')[0]}-{mutator}-")
    (run / name).write_bytes(path.read_bytes())
    gone_on = or_refused(lambda: _train(run, STEPS + 1, resume=True), run)
    if gone_on is None:
        rmtree(run)
        return "refused"
    weights, right = load_file(run / "weights.safetensors"), load_file(_longer() / "weights.safetensors")
    same = all(torch.equal(weights[key], right[key]) for key in right)
    if not same and (name != "checkpoint.safetensors" or mutator in MUTATORS):
        return "SILENT"
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    if lines[-1]["step"] != STEPS + 1:
        raise AssertionError(f"the log ends with {lines[-1]}")
    rmtree(run)
    return "unharmed" if same else "changed"


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


@cache
def run_folder() -> Path:
    """The folder of a run of two steps."""
    out = _photos().with_name("run")
    _train(out, STEPS)
    return out


@cache
def _longer() -> Path:
    """The folder of the same with one more."""
    out = _photos().with_name("longer")
    copytree(run_folder(), out)
    _train(out, STEPS + 1, resume=True)
    return out


@cache
def _photos() -> Path:
    folder = Path(mkdtemp(prefix="torture-run-")) / "photos"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(smooth(40, 40, number)).save(folder / f"{number}.png")
    return folder


def _train(out: Path, steps: int, resume: bool = False) -> RunFolder:
    size = {"size": 16, "width": 4, "blocks": 1, "critic_width": 4, "critic_layers": 1, "perceptual": 0.0, "scale": 2}
    often = {"save_every": 100, "sample_every": 100, "log_every": 1, "samples": 1, "tensorboard": False}
    how = {"workers": 0, "generator": "light", "critic": "patch", "device": "cpu", "images": _photos()}
    kind_of("srgan")
    return RunFolder(train_by_options("srgan", {"out": out, "steps": steps, "resume": resume, **size, **often, **how}))
