from __future__ import annotations

from pathlib import Path

from img2img.machine import free_memory


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
