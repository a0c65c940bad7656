"""A word that is not allowed is answered with the one that was probably meant, wherever words are allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import img2img


def said_of(*arguments: object) -> str:
    result = img2img(*arguments)
    assert result.exit_code == 2 and "Traceback" not in result.output and "Value error" not in result.output
    return " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ("train pix2pixx", "pix2pix"),
        ("train gan --game wgan-gpp", "wgan-gp"),
        ("train gan --game WGAN_GP", "wgan-gp"),
        ("train gan --preset stylgan", "stylegan"),
        ("train gan --gmae hinge", "--game"),
        ("upscale x.png --on-existing skp", "skip"),
        ("upscale x.png --format jpg2", "jpg"),
        ("upscael x.png", "upscale"),
    ],
)
def test_the_name_that_was_meant(arguments: str, name: str) -> None:
    said = said_of(*arguments.split()).lower()
    asks = "did you mean" if "did you mean" in said else "possible option"
    assert name in said.partition(asks)[2], said


def test_words_in_a_file_of_options(tmp_path: Path) -> None:
    (tmp_path / "options.toml").write_text('game = "wgan-gpp"\n')
    said = said_of("train", "gan", "--images", tmp_path, "--config", tmp_path / "options.toml")
    assert "did you mean wgan-gp?" in said


def test_a_shell_completes_the_words_of_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_ROOT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "root upscale --on-existing o")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert img2img().output.split() == ["overwrite"]
