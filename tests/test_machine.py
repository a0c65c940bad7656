from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from img2img.machine import choose_device, free_memory


def test_something_is_free(tmp_path: Path) -> None:
    assert free_memory(tmp_path) > 2**20


def test_a_container_has_what_its_limit_leaves(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("5000000\n")
    (tmp_path / "memory.current").write_text("2000000\n")
    assert free_memory(tmp_path) == 3_000_000
    (tmp_path / "memory.current").write_text("6000000\n")
    assert free_memory(tmp_path) == 0


def test_a_container_without_a_limit_has_the_machine(tmp_path: Path) -> None:
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory(tmp_path) > 2**20


def test_a_cuda_device_becomes_the_current_one_and_computes_float32_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    current: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", current.append)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.backends.cuda, "matmul", SimpleNamespace(allow_tf32=True))
    switches = (torch.backends.cudnn, torch.backends.cuda.matmul)
    assert choose_device("cpu") == torch.device("cpu")
    assert not current and all(switch.allow_tf32 for switch in switches)
    assert choose_device("cuda:1") == torch.device("cuda:1") == current[-1]
    assert not any(switch.allow_tf32 for switch in switches)
