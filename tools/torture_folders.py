"""Folders in which one picture is damaged, and commands that are called on them and on damaged files of every kind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp

from PIL import Image
from torture import Answer, Subject
from torture_checkpoints import STEPS, run_folder, runs
from torture_configs import configs
from torture_foreign import foreign
from torture_makings import encoded, inpainter, smooth, upscaler
from torture_manifests import manifests
from torture_masks import masks
from torture_mutators import MUTATORS
from torture_pictures import OWN_MUTATORS, pictures
from typer.testing import CliRunner

from img2img.cli.app import app

_WHOLE = ("one.png", "two.jpg")


def folders() -> Subject:
    """`upscale` and `data check` of a folder with a damaged picture between whole ones."""
    return Subject(pictures().whole, _ask_folder, {**MUTATORS, **OWN_MUTATORS}, share=0.5)


def commands() -> Subject:
    """Real calls, in processes of their own: some seconds each."""
    whole = {
        "photo.jpg": pictures().whole["plain.jpg"],
        "photo.png": pictures().whole["rgb.png"],
        "mask.png": masks().whole["grey.png"],
        "weights.safetensors": upscaler(),
        "weights.pth": foreign().whole["compact.pth"],
        "options.toml": configs().whole["srgan.toml"],
        "checkpoint.safetensors": runs().whole["checkpoint.safetensors"],
        "manifest.jsonl": next(iter(manifests().whole.values())),
    }
    return Subject(whole, _ask_command, share=0.02)


def _ask_folder(path: Path, whole: bytes, mutator: str) -> Answer:
    folder, out = path.with_suffix(".folder"), path.with_suffix(".out")
    _fill(folder, path)
    told = _in_process(["upscale", folder, "-o", out, "--model", _tiny(), "--json", "--device", "cpu"])
    states = {line["source"]: line for line in map(json.loads, told.splitlines()) if line.get("source") != str(folder)}
    if set(states) != {str(folder / name) for name in (*_WHOLE, path.name)}:
        raise AssertionError(f"told of {sorted(states)}")
    for name in _WHOLE:
        if states[str(folder / name)]["state"] != "written" or (out / name).read_bytes() != _right(name):
            raise AssertionError(f"{name}: {states[str(folder / name)]}")
    mine = states[str(folder / path.name)]
    refused = mine["state"] == "failed"
    if refused == Path(mine["target"]).exists() or (refused and "\n" in mine["error"]):
        raise AssertionError(f"{mine}")
    checked = _in_process(["data", "check", "--images", folder, "--size", "16"], output=False)
    if (str(folder / path.name) in checked) != refused:
        raise AssertionError(f"upscale: {mine}; data check: {checked[-500:]!r}")
    rmtree(folder)
    rmtree(out)
    return "refused" if refused else "changed"


def _in_process(command: Sequence[object], output: bool = True) -> str:
    """What the command printed; raises what is no end of a command."""
    result = CliRunner().invoke(app, [str(word) for word in command])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout if output else result.stderr


def _ask_command(path: Path, whole: bytes, mutator: str) -> Answer:
    place = path.with_suffix(".place")
    place.mkdir()
    command = [sys.executable, "-m", "img2img", *map(str, _command(path, path.name.rsplit("-", 1)[-1], place))]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    last = (done.stderr.splitlines() or [""])[-1]
    if done.returncode not in (0, 1, 2) or "Traceback" in done.stderr or (done.returncode and "error:" not in last):
        raise AssertionError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr[-3000:]}")
    rmtree(place)
    return "refused" if done.returncode else "changed"


def _command(path: Path, kind: str, place: Path) -> Sequence[object]:
    """The command that reads such a file. place: an empty folder."""
    photos, run = place / "photos", place / "run"
    _fill(photos, None if kind not in ("photo.jpg", "photo.png") else path)
    upscale = ["upscale", photos, "-o", place / "out", "--device", "cpu", "--json"]
    if kind == "mask.png":
        return ["inpaint", photos, "--mask", path, "-o", place / "out", "--model", _tiny_inpainter(), "--json"]
    if kind.startswith("weights"):
        return [*upscale, "--model", path]
    if kind == "options.toml":
        return ["train", "srgan", "--config", path, "--images", photos, "--out", run, "--dry-run", "--device", "cpu"]
    if kind == "checkpoint.safetensors":
        copytree(run_folder(), run)
        (run / kind).write_bytes(path.read_bytes())
        return ["train", "srgan", "--out", run, "--resume", "--steps", STEPS]
    if kind == "manifest.jsonl":
        (place / "out").mkdir()
        (place / "out" / ".img2img-manifest.jsonl").write_bytes(path.read_bytes())
    return [*upscale, "--model", _tiny()]


def _fill(folder: Path, damaged: Path | None) -> None:
    folder.mkdir()
    for number, name in enumerate(_WHOLE):
        kind = "PNG" if name.endswith(".png") else "JPEG"
        (folder / name).write_bytes(encoded(Image.fromarray(smooth(48, 40, number)), kind))
    if damaged:
        (folder / damaged.name).write_bytes(damaged.read_bytes())


@cache
def _tiny() -> Path:
    return _written("up.safetensors", upscaler())


@cache
def _tiny_inpainter() -> Path:
    return _written("hole.safetensors", inpainter())


def _written(name: str, content: bytes) -> Path:
    path = Path(mkdtemp(prefix="torture-weights-")) / name
    path.write_bytes(content)
    return path


@cache
def _right(name: str) -> bytes:
    """The result of a whole picture that lies in a folder alone."""
    root = Path(mkdtemp(prefix="torture-right-"))
    _fill(root / "photos", None)
    _in_process(["upscale", root / "photos", "-o", root / "out", "--model", _tiny(), "--device", "cpu"])
    return (root / "out" / name).read_bytes()
