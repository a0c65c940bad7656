"""Folders of pictures, and headers alone."""

from pathlib import Path

import pytest
from PIL import Image, ImageFile
from support.picture_files import gradient, save

from img2img.images import SUFFIXES, ImageError, ImageFacts, list_images, probe


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    names = ["b.JPG", "a.png", "sub/ü.webp", "sub/deep/c.tiff", ".hidden.png", ".git/d.png", "notes.txt", "sub/x.gif"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    found = [path.relative_to(tmp_path).as_posix() for path in list_images(tmp_path)]
    assert found == ["a.png", "b.JPG", "sub/deep/c.tiff", "sub/x.gif", "sub/ü.webp"]


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such folder"):
        list_images(tmp_path / "none")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ImageError, match="is a file, not a folder"):
        list_images(tmp_path / "file")


def test_every_written_suffix_is_found() -> None:
    from img2img.images import FORMATS

    assert set(FORMATS) <= SUFFIXES


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF", "BMP"])
def test_probe_decodes_nothing(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = save(Image.fromarray(gradient()), kind)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded"))
    assert probe(data) == ImageFacts(13, 9, "RGB", 3, 8, False)
