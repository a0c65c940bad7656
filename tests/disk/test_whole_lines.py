"""Lines of several writers, on disks that fill up, in folders that others have prepared."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from img2img.disk import locks, whole_lines
from img2img.disk.whole_lines import append_line

LIMITED = """
import resource, sys
from pathlib import Path
from img2img.disk.whole_lines import append_line
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    append_line(Path(sys.argv[1]), "y" * 600)
except OSError as error:
    print(error.strerror)
append_line(Path(sys.argv[1]), "z" * 100)
"""


def test_a_line_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_line(path, "x" * 600)
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "File too large", done.stderr
    assert path.read_text() == "x" * 600 + "\n" + "z" * 100 + "\n"


def test_a_short_write_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes a part of the bytes, and nothing of the next ones."""
    path, write, taken = tmp_path / "lines", os.write, [0]

    def full(descriptor: int, data: memoryview) -> int:
        taken[0] += 1
        if taken[0] > 1:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[:5])

    append_line(path, "first")
    monkeypatch.setattr(locks.os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        append_line(path, "second")
    monkeypatch.undo()
    assert path.read_text() == "first\n"


def test_a_torn_line_is_ended_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text("one\ntor")
    append_line(path, "two")
    assert path.read_text() == "one\ntor\ntwo\n"


def test_many_writers_leave_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    writers = [
        threading.Thread(target=lambda n=n: [append_line(path, str(n) * 3000) for _ in range(20)]) for n in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = path.read_text().splitlines()
    assert sorted(lines) == sorted(str(n) * 3000 for n in range(4) for _ in range(20))


@pytest.mark.parametrize("kind", ["link", "dangling", "fifo", "folder"])
def test_only_a_regular_file_is_written(kind: str, tmp_path: Path) -> None:
    path, victim = tmp_path / "lines", tmp_path / "victim"
    if kind != "dangling":
        victim.write_text("mine")
    if kind in ("link", "dangling"):
        path.symlink_to(victim)
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(OSError):
        append_line(path, "x")
    assert (kind == "dangling" and not victim.exists()) or victim.read_text() == "mine"


def test_a_file_system_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(locks.fcntl, "flock", none)
    with pytest.warns(UserWarning, match="no locks"):
        append_line(tmp_path / "lines", "x")
    assert (tmp_path / "lines").read_text() == "x\n"


def test_a_lock_that_is_never_given_back_ends_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lines"
    append_line(path, "x")
    holder = os.open(path, os.O_RDWR)
    assert locks.take(holder)
    monkeypatch.setattr(whole_lines, "briefly", lambda descriptor: locks.briefly(descriptor, 0.05))
    with pytest.raises(OSError, match="locked by another process"):
        append_line(path, "y")
    os.close(holder)
    append_line(path, "y")
    assert path.read_text() == "x\ny\n"
