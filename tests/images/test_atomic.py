"""Files appear whole or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from img2img.images import atomic, sweep, write_atomically


def test_target_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "weights.bin"
    with write_atomically(target) as temporary:
        temporary.write_bytes(b"new")
        assert not target.exists() and temporary.parent == tmp_path and temporary.name.startswith(".")
    assert target.read_bytes() == b"new" and os.listdir(tmp_path) == ["weights.bin"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")])
def test_old_file_survives_any_failure(error: BaseException, tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with pytest.raises(type(error)), write_atomically(target) as temporary:
        temporary.write_bytes(b"half")
        raise error
    assert target.read_bytes() == b"old" and os.listdir(tmp_path) == ["a"]


def test_nothing_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), write_atomically(tmp_path / "a"):
        pass
    assert os.listdir(tmp_path) == []


def test_longest_name(tmp_path: Path) -> None:
    target = tmp_path / ("x" * 255)
    with write_atomically(target) as temporary:
        temporary.write_bytes(b"1")
    assert target.exists()


def test_mode_of_the_old_file_is_kept_and_a_new_one_follows_the_umask(tmp_path: Path) -> None:
    old, new, plain = tmp_path / "old", tmp_path / "new", tmp_path / "plain"
    old.write_bytes(b"")
    old.chmod(0o640)
    plain.write_bytes(b"")
    for target in (old, new):
        with write_atomically(target) as temporary:
            temporary.write_bytes(b"1")
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert new.stat().st_mode == plain.stat().st_mode
    new.unlink()
    with write_atomically(new) as temporary:
        temporary.touch(0o600)  # as safetensors makes its files
    assert new.stat().st_mode == plain.stat().st_mode


def test_links_among_the_folders_are_followed_and_one_of_the_name_itself_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    real, link, dangling = tmp_path / "far" / "real", tmp_path / "link", tmp_path / "dangling"
    real.write_bytes(b"old")
    real.chmod(0o700)
    link.symlink_to(real)
    dangling.symlink_to(tmp_path / "far" / "none")
    for target in (link, dangling):
        with write_atomically(target) as temporary:
            temporary.write_bytes(b"new")
        assert not target.is_symlink() and target.read_bytes() == b"new"
        assert stat.S_IMODE(target.stat().st_mode) != 0o700
    assert real.read_bytes() == b"old" and os.listdir(tmp_path / "far") == ["real"]
    (tmp_path / "near").symlink_to(tmp_path / "far")
    with write_atomically(tmp_path / "near" / "real") as temporary:
        temporary.write_bytes(b"new")
    assert real.read_bytes() == b"new"


def test_folders_devices_and_missing_folders_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "link").symlink_to(tmp_path)
    for target, words in (
        (tmp_path / "null", "no regular file"),
        (tmp_path / "link", "is a folder"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "no regular file"),
        (tmp_path / "no" / "a", "no such folder"),
    ):
        with pytest.raises(OSError, match=words), write_atomically(target):
            raise AssertionError("must not get here")


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with write_atomically(tmp_path / "a") as temporary:
        temporary.write_bytes(b"under way")
        left = tmp_path / temporary.name.replace(f"-{os.getpid()}-", f"-{ended.pid}-")
        elsewhere = tmp_path / f".img2img-00000000-{ended.pid}-0123abcd.tmp"
        for path in (left, elsewhere, tmp_path / ".img2img-notes.tmp"):
            path.write_bytes(b"half")
        sweep(tmp_path)
        assert temporary.exists() and elsewhere.exists() and not left.exists()
        os.utime(elsewhere, (0, 0))
        sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".img2img-notes.tmp", "a"]


def test_another_namespace_of_processes_is_another_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two containers of one image may share a volume, a host's name and process numbers."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    atomic._process_space.cache_clear()
    with write_atomically(tmp_path / "a") as temporary:
        temporary.write_bytes(b"")
    left = tmp_path / temporary.name.replace(f"-{os.getpid()}-", f"-{ended.pid}-")
    left.write_bytes(b"half")
    with monkeypatch.context() as there:
        there.setattr(os, "readlink", lambda path: "pid:[4026532999]")
        atomic._process_space.cache_clear()
        sweep(tmp_path)
        assert left.exists()
    atomic._process_space.cache_clear()
    sweep(tmp_path)
    assert not left.exists()


def test_sha256_of_files_alone(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    os.mkfifo(tmp_path / "pipe")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert atomic.sha256(tmp_path / "a") == digest
    with pytest.raises(OSError, match="is a pipe, not a regular file"):
        atomic.sha256(tmp_path / "pipe")
