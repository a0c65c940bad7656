"""What happens to one rank of two: both end within seconds, and the run goes on from where it was."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support import two_ranks
from support.running import QUIET, TINY, succeeded, train

from img2img.training.folder.checkpoint import load_checkpoint

ROOTS = [str(Path(two_ranks.__file__).parents[1]), str(Path(two_ranks.__file__).parents[2])]
STEP = 5


def two(happens: str, data: Path, out: Path, steps: int, workers: int) -> tuple[list[int], list[str]]:
    """Exit codes and output of both ranks; what happens to the second does so at STEP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    world["PYTHONPATH"] = os.pathsep.join([*ROOTS, os.environ.get("PYTHONPATH", "")])
    options = [*TINY, *QUIET, "--pairs", data, "--out", out, "--steps", steps, "--cache", "off", "--batch-size", 1]
    options[options.index("--workers") + 1] = workers
    command = ["-m", "support.one_of_two", happens, STEP, data, "train", "pix2pix", *options]
    processes = [
        subprocess.Popen(
            [sys.executable, *map(str, command)],
            env=os.environ | world | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=400)[0] for process in processes]
    return [process.returncode for process in processes], said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("happens", "workers", "codes", "why"),
    [
        ("pictures", 0, [1, 1], "No such file"),
        ("worker", 1, [1, 1], "SIGKILL"),
        ("kill", 0, [1, -9], "another rank has ended"),
    ],
)
def test_what_ends_one_rank_ends_both_with_the_run_saved(happens, workers, codes, why, pairs, tmp_path):
    data, out = tmp_path / "data", tmp_path / "run"
    shutil.copytree(pairs, data)
    found, said = two(happens, data, out, 100_000, workers)
    assert found == codes, said
    step = int(load_checkpoint(out / "checkpoint.safetensors")["step"])
    assert step >= STEP
    for code, words in zip(found, said, strict=True):
        if code == 1:
            assert why in words and f"step {step} is saved" in words and "Traceback" not in words, words
    succeeded(train("pix2pix", "--resume", "--pairs", data, "--steps", step + 2, out=out))


@pytest.mark.slow
def test_a_picture_that_one_rank_cannot_read_is_named_by_it_and_both_go_on(pairs, tmp_path):
    data, out = tmp_path / "data", tmp_path / "run"
    shutil.copytree(pairs, data)
    found, said = two("picture", data, out, 40, 0)
    assert found == [0, 0], said
    assert "rank 1: " in said[1] and said[1].count("3.png") == 1 and said[0].count("3.png") <= 1, said
    assert int(load_checkpoint(out / "checkpoint.safetensors")["step"]) == 40
