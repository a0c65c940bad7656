"""One run at a time in a folder, whoever begins it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.running import img2img, succeeded, train

from img2img.config.base import Refusal
from img2img.disk import locks
from img2img.training.folder.occupancy import LOCK, occupied, reserved, unused

SILENT = print


def test_a_name_is_reserved_as_its_folder_is_made(tmp_path: Path) -> None:
    found = [reserved("gan", tmp_path / "runs") for _ in range(3)]
    assert [path.name for path in found] == ["gan", "gan-2", "gan-3"] and all(path.is_dir() for path in found)
    named = unused("gan", tmp_path / "runs")
    assert named.name == "gan-4" and not named.exists()


def test_the_second_in_a_folder_is_refused_and_named(tmp_path: Path) -> None:
    with (
        occupied(tmp_path / "run", SILENT),
        pytest.raises(Refusal, match=rf"process {os.getpid()} on \S+ is at work in this folder"),
        occupied(tmp_path / "run", SILENT),
    ):
        raise AssertionError
    with occupied(tmp_path / "run", SILENT):
        pass


def test_a_folder_that_was_made_for_nothing_goes_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name in ("new", "mine"):
        with pytest.raises(KeyError), occupied(tmp_path / name, SILENT):
            raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["mine"] and not list((tmp_path / "mine").iterdir())


def test_a_child_does_not_hold_the_lock_of_a_parent_that_is_gone(tmp_path: Path) -> None:
    script = (
        "import os, sys, time\nfrom pathlib import Path\nfrom img2img.training.folder.occupancy import occupied\n"
        "with occupied(Path(sys.argv[1]), print):\n"
        "    if os.fork():\n        print('forked', flush=True)\n        os.kill(os.getpid(), 9)\n"
        "    time.sleep(20)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, tmp_path / "run"], stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdout.readline() == "forked\n"
    process.wait(30)
    with occupied(tmp_path / "run", SILENT):
        assert f"process {os.getpid()} " in (tmp_path / "run" / LOCK).read_text()


def test_a_link_is_no_folder_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Refusal, match=r"is a link.*elsewhere"), occupied(tmp_path / "run", SILENT):
        raise AssertionError
    assert not list((tmp_path / "elsewhere").iterdir())


def test_where_there_are_no_locks_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(locks.fcntl, "flock", none)
    said: list[str] = []
    with occupied(tmp_path / "run", said.append):
        pass
    assert len(said) == 1 and "no locks" in said[0]


def test_a_run_in_a_taken_folder_is_refused(pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 1, out=out))
    before = (out / "checkpoint.safetensors").read_bytes()
    with occupied(out, SILENT):
        for options in (["--pairs", pairs], ["--resume", "--steps", 3]):
            result = train("pix2pix", *options, out=out)
            assert result.exit_code == 2 and "is at work in this folder" in result.output
    assert (out / "checkpoint.safetensors").read_bytes() == before


def test_a_refused_or_dry_run_without_a_name_leaves_none(
    pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tiny = ["--size", 32, "--width", 4, "--critic-width", 4, "--critic-layers", 1, "--workers", 0, "--device", "cpu"]
    refused = img2img("train", "pix2pix", *tiny, "--pairs", tmp_path / "nowhere")
    assert refused.exit_code == 2
    succeeded(img2img("train", "pix2pix", *tiny, "--pairs", pairs, "--dry-run"))
    assert not list(tmp_path.glob("runs/*"))
