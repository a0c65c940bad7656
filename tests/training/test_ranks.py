"""Several ranks train as one that has all of their pictures."""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from safetensors.torch import load_file
from support import two_ranks
from support.two_ranks import CASES, NORMED, held
from torch import Tensor

from img2img.config.base import Refusal
from img2img.training.ranks import Ranks, device_of, process_group
from img2img.training.step.charges import mean_of

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


@pytest.mark.slow
@pytest.mark.parametrize("name", NORMED)
def test_statistics_of_batch_norm_are_those_of_all_ranks(name: str, halves: Path) -> None:
    one, other = of_ranks(halves, name)
    statistics = [key for key in one if "running_" in key]
    assert any(key.startswith("average") for key in statistics), statistics
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_each_rank_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: None)
    second = Ranks(1, 2, 1)
    assert device_of(second, "auto") == device_of(second, "cuda") == torch.device("cuda", 1)
    assert device_of(second, "cpu") == torch.device("cpu")
    assert device_of(Ranks(), "cuda:1") == torch.device("cuda", 1)
    with pytest.raises(Refusal, match="--device cuda:1: 2 ranks would share one GPU"):
        device_of(second, "cuda:1")


def test_more_ranks_than_gpus_are_refused_on_every_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    for rank in range(3):
        with pytest.raises(Refusal, match="3 ranks on a machine where torch sees 2 CUDA devices"):
            device_of(Ranks(rank, 3, rank), "auto")
        assert device_of(Ranks(rank, 3, rank), "cpu") == torch.device("cpu")


def test_ranks_do_not_share_the_gpu_of_a_mac(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    for wanted in ("auto", "mps"):
        assert device_of(Ranks(), wanted) == torch.device("mps")
        with pytest.raises(Refusal, match=f"--device {wanted}: 2 ranks would share one GPU"):
            device_of(Ranks(1, 2, 1), wanted)
    assert device_of(Ranks(1, 2, 1), "cpu") == torch.device("cpu")


@pytest.mark.parametrize(("device", "backend"), [("cpu", "gloo"), ("cuda:0", "cpu:gloo,cuda:nccl")])
def test_the_backend_follows_the_device(device: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And only what went well says good-bye to the others."""
    happened: list[Any] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", happened.append)
    monkeypatch.setattr(dist, "init_process_group", lambda name, device_id=None: happened.extend([name, device_id]))
    monkeypatch.setattr(atexit, "register", lambda end, code: happened.append(code))
    monkeypatch.setattr(dist, "destroy_process_group", lambda: happened.append("destroyed"))
    place = torch.device(device)
    joined = [backend, None] if device == "cpu" else [place, backend, place]
    with process_group(Ranks(0, 2, 0), place):
        assert happened == joined
    assert happened == [*joined, "destroyed"]
    happened.clear()
    with pytest.raises(ValueError), process_group(Ranks(0, 2, 0), place):
        raise ValueError
    assert happened == [*joined, 1], "ends at once, when the error is told"


def test_a_logged_loss_is_the_mean_over_ranks() -> None:
    assert mean_of([{"fool": 1.0, "taught": 4.0}, {"fool": 3.0}]) == {"fool": 2.0, "taught": 2.0}
