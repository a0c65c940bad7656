"""The path that an option names wins over the environment's."""

from __future__ import annotations

from pathlib import Path

from img2img.config.environment import named_path


def test_the_option_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("IMG2IMG_X", "there")
    assert named_path(Path("here"), "IMG2IMG_X") == Path("here")
    assert named_path(None, "IMG2IMG_X") == Path("there")
    monkeypatch.setenv("IMG2IMG_X", "")
    assert named_path(None, "IMG2IMG_X") is None
