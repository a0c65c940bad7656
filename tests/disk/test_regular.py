"""Pipes, sockets and devices are recognised before anything waits for them or reads them without end."""

import os
import socket
from functools import partial
from pathlib import Path

import pytest

from img2img.disk.regular import open_regular, read_bounded, require_regular


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name has at most 108 bytes
    os.mkfifo("pipe.png")
    Path("zero.png").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
        for name, words in (("pipe.png", "a pipe"), ("zero.png", "a device"), ("socket.png", "a socket")):
            for reader in (open_regular, require_regular, partial(read_bounded, most=1)):
                with pytest.raises(OSError, match=f"is {words}, not a regular file"):
                    reader(Path(name))
    with pytest.raises(IsADirectoryError, match="is a folder"):
        open_regular(tmp_path)


def test_regular_files_and_links_to_them_are_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with open_regular(tmp_path / "b") as file:
        assert file.read() == b"abc" and file.seekable()
    with pytest.raises(OSError, match="is a link, not a regular file"):
        require_regular(tmp_path / "b", follow=False)


def test_what_is_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert read_bounded(tmp_path / "a", 3) == b"abc"
    with pytest.raises(OSError, match="is larger than 2 bytes"):
        read_bounded(tmp_path / "a", 2)
