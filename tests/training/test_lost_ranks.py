"""A rank that fails ends all of them within seconds; one that is asked to stop stops all, and nothing is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.drawing import write_pictures
from support.running import QUIET, TINY

from img2img.training.folder.checkpoint import load_checkpoint

SECONDS = 60
"""In which all have to end; a loaded machine takes long to end an interpreter. Unanswered, gloo waits 30 minutes."""


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_pictures(tmp_path / "photos", {f"{number}.png": (40, 40, 3) for number in range(6)})


@pytest.fixture
def ranks(photos: Path, tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Two ranks in the middle of a run, which reads each picture anew."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    options = ["--images", photos, "--out", tmp_path / "run", "--steps", 10**6, "--cache", "off", "--windows", 1]
    networks = ["--generator", "light", "--blocks", 1, "--critic", "patch", "--perceptual", 0, "--batch-size", 1]
    command = [sys.executable, "-m", "img2img", "train", "srgan"]
    command += map(str, [*TINY, *QUIET, *options, *networks, "--degrade", "bicubic", "--save-every", 5])
    processes = [
        subprocess.Popen(
            command,
            env=os.environ | world | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        for rank in range(2)
    ]
    until = time.monotonic() + 400
    while not (tmp_path / "run/weights.safetensors").exists():
        assert all(process.poll() is None for process in processes) and time.monotonic() < until
        time.sleep(0.1)
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def ended(processes: list[subprocess.Popen[str]]) -> tuple[list[int], list[str]]:
    """Exit codes, and what was said."""
    said = [process.communicate(timeout=SECONDS)[1] for process in processes]
    return [process.returncode for process in processes], said


@pytest.mark.slow
def test_a_killed_rank_ends_the_others(ranks: list[subprocess.Popen[str]], tmp_path: Path) -> None:
    ranks[1].kill()
    codes, said = ended(ranks)
    assert codes == [1, -signal.SIGKILL]
    assert "error: another rank has ended" in said[0] and "Traceback" not in said[0]
    assert load_checkpoint(tmp_path / "run/checkpoint.safetensors")["step"] >= 5


@pytest.mark.slow
def test_ranks_whose_pictures_vanish_end(ranks: list[subprocess.Popen[str]], photos: Path) -> None:
    for photo in photos.glob("*.png"):
        photo.unlink()
    codes, said = ended(ranks)
    assert all(code > 0 for code in codes)
    assert any(".png" in line for line in said) and not any("Traceback" in line for line in said), said


@pytest.mark.slow
def test_a_rank_that_is_asked_to_stop_stops_all(ranks: list[subprocess.Popen[str]], tmp_path: Path) -> None:
    ranks[1].send_signal(signal.SIGTERM)
    codes, said = ended(ranks)
    assert codes == [130, 130], said
    assert "at step" in said[0] and "saved" in said[0]
