"""Bad input: one clear line that names the file and what is allowed, an exit code that is not zero, nothing lost."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from support.drawing import draw
from support.running import QUIET, TINY, img2img, succeeded, train

from img2img.training.folder.checkpoint import load_checkpoint


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two domains of three good pictures, to be spoilt."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for index in range(3):
            Image.fromarray(draw(index + len(name))).save(tmp_path / name / f"{index}.png")
    return tmp_path / "a", tmp_path / "b"


def empty(a, b):
    for path in b.iterdir():
        path.unlink()
    return [str(b), "no image"]


def missing(a, b):
    for path in b.iterdir():
        path.unlink()
    b.rmdir()
    return [str(b), "no such folder"]


def text(a, b):
    (b / "notes.jpg").write_text("not a picture")
    return ["notes.jpg"]


def truncated(a, b):
    Image.fromarray(draw(9, 200, 200)).save(b / "cut.jpg")
    (b / "cut.jpg").write_bytes((b / "cut.jpg").read_bytes()[:-1500])
    return ["cut.jpg", "truncated"]


def one_pixel(a, b):
    Image.fromarray(draw(9, 1, 1)).save(b / "dot.png")
    return ["dot.png", "1x1"]


def one_picture(a, b):
    for path in list(b.iterdir())[1:]:
        path.unlink()
    return [b.name, "1 "]


@pytest.mark.parametrize("spoil", [empty, missing, text, truncated, one_pixel, one_picture])
def test_a_spoilt_domain_is_named_before_the_first_step(spoil, folders, tmp_path):
    said = spoil(*folders)
    result = train("cyclegan", "--a", folders[0], "--b", folders[1], "--steps", 2, out=tmp_path / "run")
    assert result.exit_code == 2
    assert all(part in result.stderr for part in said), result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "run").exists()
    check = img2img("data", "check", "--a", folders[0], "--b", folders[1])
    assert check.exit_code == 2


def test_pairs_without_a_partner_are_named(folders, tmp_path):
    (folders[1] / "2.png").unlink()
    result = train("pix2pix", "--pairs", tmp_path, "--steps", 2, out=tmp_path / "run")
    assert result.exit_code == 2 and "2.png" in result.stderr


def test_an_output_that_cannot_be_made(pairs, tmp_path):
    (tmp_path / "file").touch()
    result = train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "file/run")
    assert result.exit_code == 2 and str(tmp_path / "file") in result.stderr


@pytest.mark.slow
def test_a_full_disk_while_saving_leaves_the_old_checkpoint(pairs, tmp_path):
    """A limit on the size of files stands in for the disk: a write fails in the middle, as on a full one."""
    out = tmp_path / "run"
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 2, out=out))
    kept = {path.name: path.read_bytes() for path in out.glob("*.safetensors")}
    options = [*TINY, *QUIET, "--resume", "--steps", 6, "--save-every", 2, "--out", out]
    script = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from img2img.cli.app import main\n"
        "main()\n"
    )
    command = [sys.executable, "-c", script, "train", "pix2pix", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    assert "cannot write at step 4" in done.stderr and "step 2 is saved; " in done.stderr
    assert {path.name: path.read_bytes() for path in out.glob("*.safetensors")} == kept
    assert not list(out.glob(".img2img-*")), "no half-written file stays"
    assert load_checkpoint(out / "checkpoint.safetensors")["step"] == 2


class Bomb:
    """A pickle that would make a file where it is loaded."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return Path.touch, (self.place,)


@pytest.mark.parametrize("form", ["torch", "pickle"])
def test_a_pickle_with_code_in_it_is_refused_and_not_run(form, tmp_path):
    path, trace = tmp_path / "latest_net_G.pth", tmp_path / "it-ran"
    if form == "torch":
        torch.save({"model.1.weight": torch.zeros(1), "x": Bomb(trace)}, path)
    else:
        path.write_bytes(pickle.dumps(Bomb(trace)))
    result = img2img("weights", "import", path, "--source", "a", "--target", "b")
    assert result.exit_code == 2 and path.name in result.stderr
    result = img2img("translate", tmp_path / "x.png", "--model", path)
    assert result.exit_code == 2 and path.name in result.stderr
    assert not trace.exists()
