"""Several ranks train as one that has all of their pictures."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support import two_ranks
from support.two_ranks import CASES, held
from torch import Tensor

ROOTS = [str(Path(two_ranks.__file__).parents[1]), str(Path(two_ranks.__file__).parents[2])]


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two gloo processes hold, each after steps on its half of every batch."""
    folder = tmp_path_factory.mktemp("halves")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    world["PYTHONPATH"] = os.pathsep.join([*ROOTS, os.environ.get("PYTHONPATH", "")])
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "support.two_ranks", str(folder)],
            env=os.environ | world | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=400)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    return folder


def of_ranks(folder: Path, name: str) -> list[dict[str, Tensor]]:
    return [load_file(folder / f"{name}.{rank}.safetensors") for rank in range(2)]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_two_ranks_on_halves_of_a_batch_are_one_rank_on_the_whole(name: str, halves: Path) -> None:
    alone = held(CASES[name])
    assert alone["moved"] > 1e-3, "far more than what rounding leaves"
    for rank in of_ranks(halves, name):
        assert rank.keys() == alone.keys()
        apart = {key: (alone[key] - rank[key]).abs().max().item() for key in alone}
        assert max(apart.values()) < 2e-3 * alone["moved"].item(), apart


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "state"), [("gan, began's k", "real.k"), ("gan, adaptive augmentation", "real.view.p")]
)
def test_what_steers_a_critic_is_steered_by_the_pictures_of_all_ranks(name: str, state: str, halves: Path) -> None:
    """By itself the second rank's half would move it otherwise."""
    key = f"adversaries.{state}"
    alone = held(CASES[name])[key]
    assert alone > 0
    for rank in of_ranks(halves, name):
        torch.testing.assert_close(rank[key], alone, rtol=1e-4, atol=0.0)
