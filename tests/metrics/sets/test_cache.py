"""Picture sets kept by content."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from img2img.metrics.sets.cache import cache_file, cache_folder, keep_set, read_set
from img2img.metrics.sets.features import PictureSet
from img2img.metrics.sets.folder import PictureFolder

pytestmark = pytest.mark.usefixtures("home")


def network(identity: str = "one", resize: str = "clean") -> Any:
    return SimpleNamespace(identity=identity, resize=resize)


def test_the_name_says_what_lies_there(tmp_path: Path) -> None:
    folder, copy = tmp_path / "in", tmp_path / "copy"
    for root in (folder, copy):
        root.mkdir()
        for name in ("1.png", "2.png"):
            (root / name).write_text(name)

    def key(root: Path, *names: str, seen_by: Any = None) -> Path:
        return cache_file(PictureFolder(root, tuple(root / name for name in names)), seen_by or network())

    plain = key(folder, "1.png", "2.png")
    assert plain == key(copy, "1.png", "2.png"), "where the folder lies does not matter"
    others = {
        key(folder, "1.png"),
        key(folder, "2.png", "1.png"),
        key(folder, "1.png", "2.png", seen_by=network("other")),
        key(folder, "1.png", "2.png", seen_by=network(resize="tensorflow")),
    }
    (copy / "2.png").write_text("2.gif")
    others.add(key(copy, "1.png", "2.png"))
    (folder / "2.png").rename(folder / "3.png")
    others.add(key(folder, "1.png", "3.png"))
    assert len(others | {plain}) == 7


def test_a_set_comes_back_and_a_broken_file_is_none(home: Path) -> None:
    draw = torch.Generator().manual_seed(0)
    kept = PictureSet(
        torch.randn(3, 8, generator=draw), torch.randn(3, 5, generator=draw), torch.zeros(3, 3, 32, 32).byte()
    )
    file = home / "cache/sets/name.safetensors"
    assert read_set(file) is None
    keep_set(file, kept)
    found = read_set(file)
    assert found is not None and len(found) == 3
    assert torch.equal(found.features, kept.features) and torch.equal(found.small, kept.small)
    file.write_bytes(file.read_bytes()[:50])
    assert read_set(file) is None


def test_the_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder() == home / "cache"
    monkeypatch.delenv("IMG2IMG_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_folder() == Path("/somewhere/img2img")


def test_a_user_without_a_home_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IMG2IMG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(OSError, match="IMG2IMG_HOME"):
        cache_folder()
