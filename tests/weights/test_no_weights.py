"""What is no weights is called by its name, and what is nearly a name is guessed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from img2img.weights.errors import WeightsError
from img2img.weights.find import resolve_path
from img2img.weights.foreign import load_foreign


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "Git-LFS pointer"),
        (b"<!DOCTYPE html><html><head>", "web page"),
        (b"\xef\xbb\xbf\n <HTML>", "web page"),
        (b'<?xml version="1.0"?><Error>', "web page"),
        (b'{"error": "gated"}', "JSON"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"\x1f\x8b\x08", "gzip"),
    ],
)
@pytest.mark.parametrize("name", ["w.safetensors", "w.pth", "run/weights.safetensors"])
def test_failed_downloads_are_called_that(content: bytes, said: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content)
    asked = tmp_path / name.removesuffix("/weights.safetensors")
    with pytest.raises(WeightsError, match=said) as caught:
        resolve_path(str(asked))
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("model", ["photo_x4", "photo-4x", "Photo-X4"])
def test_a_name_that_is_nearly_one_is_guessed(model: str) -> None:
    with pytest.raises(WeightsError, match=r"did you mean photo-x4\?"):
        resolve_path(model)


def test_a_pipe_is_no_weights_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="pipe"):
        resolve_path(str(tmp_path / "w.pth"))


def test_the_keys_of_what_is_no_network_are_listed(tmp_path: Path) -> None:
    torch.save({"epoch": 3, "args": {"lr": 1.0}}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="it holds epoch, args"):
        load_foreign(tmp_path / "w.pth")
