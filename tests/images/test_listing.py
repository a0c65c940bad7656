"""What lies in a folder, before anything of it is opened."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from img2img.images import ImageError, list_images
from img2img.images.listing import look_into


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def below(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in list_images(folder)]


def test_what_is_not_read_is_counted_by_its_ending(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.PSD", "c.psd", "sub/d.jxl", "e.mp4", "nameless", "a.xmp", "notes.txt", "Thumbs.db")
    found = look_into(tmp_path)
    assert found.left_out_in_words() == "2 .psd, 1 without an ending, 1 .jxl, 1 .mp4"
    assert found.in_lines() == [f"{tmp_path}: left out: 2 .psd, 1 without an ending, 1 .jxl, 1 .mp4"]
    assert [path.name for path in found.files] == ["a.jpg"]


def test_pictures_alone_need_no_word(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", ".hidden.heic")
    assert look_into(tmp_path).in_lines() == []


@pytest.mark.parametrize("system", ["@eaDir", "#recycle", "lost+found", ".thumbnails", "__MACOSX", "$RECYCLE.BIN"])
def test_folders_of_systems_are_left_out(system: str, tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", f"{system}/b.jpg", f"sub/{system}/c.jpg")
    assert below(tmp_path) == ["a.jpg"]


def test_links_to_folders_are_followed_once(tmp_path: Path) -> None:
    put(tmp_path, "photos/sub/b.jpg", "elsewhere/c.jpg")
    photos = tmp_path / "photos"
    (photos / "a link").symlink_to(tmp_path / "elsewhere")
    (photos / "again").symlink_to(tmp_path / "elsewhere")
    (photos / "0 sub").symlink_to(photos / "sub")
    assert below(photos) == ["a link/c.jpg", "sub/b.jpg"]


def test_links_that_lead_back_end(tmp_path: Path) -> None:
    put(tmp_path, "photos/a.jpg", "beside.jpg")
    photos = tmp_path / "photos"
    (photos / "self").symlink_to(photos)
    (photos / "up").symlink_to(tmp_path)
    (photos / "loop.jpg").symlink_to(photos / "loop.jpg")
    found = look_into(photos)
    assert [path.name for path in found.files] == ["a.jpg"]
    ((path, reason),) = found.troubles
    assert path.name == "loop.jpg" and "symbolic links" in reason


def test_a_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "real/a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert list_images(tmp_path / "link") == [tmp_path / "link/a.jpg"]


def test_pipes_sockets_and_devices_are_no_pictures(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "device.png").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.png"))
        found = look_into(tmp_path)
    assert [path.name for path in found.files] == ["a.jpg"]
    assert {path.name: reason for path, reason in found.troubles} == {
        "pipe.jpg": "is a pipe, not a regular file",
        "device.png": "is a device, not a regular file",
        "s.png": "is a socket, not a regular file",
    }


@pytest.mark.parametrize("locked", ["sub", "."])
def test_a_locked_folder_fails_alone(locked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.jpg", "sub/b.jpg", "tail/c.jpg")
    scan = os.scandir

    def refusing(place: Path) -> object:  # root may read everything
        if place == tmp_path / locked:
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", refusing)
    if locked == ".":
        with pytest.raises(ImageError, match="permission denied"):
            look_into(tmp_path)
    else:
        found = look_into(tmp_path)
        assert [path.name for path in found.files] == ["a.jpg", "c.jpg"]
        assert found.troubles == ((tmp_path / "sub", "permission denied"),)
