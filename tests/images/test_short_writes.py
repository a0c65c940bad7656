"""A disk that fills up, or a limit on the length of files: the photo fails in one line, and no part of a file stays."""

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from img2img.apply.sample.picture_files import write_film, write_picture
from img2img.images import Encoding, ImageError, open_atomically, write_atomically, write_samples
from img2img.training.report.sheets import save_sheet

NOISE = np.random.default_rng(0).integers(0, 256, (64, 96, 3)).astype(np.uint8)
FULL = 4096  # bytes that fit


@contextmanager
def files_of_at_most(length: int) -> Iterator[None]:
    """As `ulimit -f` has it: a write beyond is cut short, the next one fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_photo_that_does_not_fit_fails_in_one_line(kind: str, bits: int, tmp_path: Path) -> None:
    if bits == 16 and kind not in ("PNG", "TIFF"):
        pytest.skip("8 bits alone")
    samples = NOISE if bits == 8 else NOISE.astype(np.uint16) * 257
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with files_of_at_most(FULL), pytest.raises(ImageError) as caught:
        write_samples(samples, target, Encoding(kind, 100), lambda draft: pytest.fail("called finished"))
    assert "File too large" in str(caught.value) and "\n" not in str(caught.value)
    assert target.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.bin"]
    write_samples(samples, target, Encoding(kind, 100))
    assert target.stat().st_size > FULL, "the test needs files longer than the limit"


def write_tensors(path: Path) -> None:
    with write_atomically(path) as draft:
        save_file({"a": torch.zeros(FULL)}, draft)


WAYS: dict[str, Callable[[Path], None]] = {
    "picture.png": lambda path: write_picture(Image.fromarray(NOISE), path),
    "picture.jpg": lambda path: write_picture(Image.fromarray(NOISE), path),
    "film.webp": lambda path: write_film(torch.from_numpy(NOISE / 255.0).permute(2, 0, 1)[None].float(), path),
    "sheet.png": lambda path: save_sheet(Image.fromarray(NOISE), path),
    "weights.safetensors": write_tensors,
}


@pytest.mark.parametrize("name", WAYS)
def test_whatever_else_is_written_appears_whole_or_not_at_all(name: str, tmp_path: Path) -> None:
    with files_of_at_most(FULL), pytest.raises(Exception, match=r"(?i)file too large|os error 27"):
        WAYS[name](tmp_path / name)
    assert os.listdir(tmp_path) == []
    WAYS[name](tmp_path / name)
    assert (tmp_path / name).stat().st_size > FULL


def test_an_encoder_is_given_no_descriptor(tmp_path: Path) -> None:
    with open_atomically(tmp_path / "a") as draft:
        with pytest.raises(OSError, match="fileno"):
            draft.fileno()
        draft.write(b"0123")
        draft.seek(1)
        draft.write(b"x")
    assert (tmp_path / "a").read_bytes() == b"0x23"


def test_a_file_shorter_than_what_was_written_never_appears(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="4 bytes written, 2 in the file"), open_atomically(tmp_path / "a") as draft:
        draft.write(b"0123")
        draft.flush()
        os.truncate(draft.path, 2)  # as a file system does that loses what it took
    assert os.listdir(tmp_path) == []
