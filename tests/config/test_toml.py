"""What is written as TOML is read again as it was, whatever stands in it."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from img2img.config.base import LARGEST, Config, Section
from img2img.config.toml import LARGEST_FILE, ConfigError, read_toml, resolve, to_toml


class Everything(Section):
    """everything"""

    path: Path | None = None
    text: str | None = None
    number: float = 1.0
    count: int = 1
    on: bool = False
    several: tuple[str, ...] = ()


class EverythingConfig(Config):
    everything: Everything = Everything()


def there_and_back(config: EverythingConfig) -> EverythingConfig:
    text = to_toml(config)
    tomllib.loads(text)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_text(text, encoding="utf-8")
        return resolve(EverythingConfig, read_toml(file, EverythingConfig))


NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name)
"""What a file system takes for a name; UTF-8 or not."""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(NAMES, TEXTS, st.floats(-LARGEST, LARGEST), st.integers(-LARGEST, LARGEST), st.lists(TEXTS, max_size=3))
def test_every_config_comes_back(name: bytes, text: str, number: float, count: int, several: list[str]) -> None:
    values: dict[str, Any] = {"text": text, "number": number, "count": count, "several": tuple(several)}
    config = EverythingConfig(everything=Everything(path=Path(os.fsdecode(name)), on=True, **values))
    assert there_and_back(config) == config


@pytest.mark.parametrize(
    "name", ["\x7f", "caf\udce9", "a\nb", 'say "hi"\\', "\r", "\udcff" * 3, "\u20ac", "C:\\photos"]
)
def test_names_that_are_no_plain_words_come_back(name: str) -> None:
    config = EverythingConfig(everything=Everything(path=Path(name)))
    assert there_and_back(config) == config


@pytest.mark.parametrize("number", [1e-300, 0.1, 1e9, -1e9])
def test_numbers_come_back(number: float) -> None:
    config = EverythingConfig(everything=Everything(number=number))
    assert there_and_back(config).everything.number == number


def test_a_nul_that_stands_in_a_text_is_no_byte_of_a_name() -> None:
    config = EverythingConfig(everything=Everything(text="\x00dce9"))
    assert there_and_back(config) == config


def test_what_has_no_value_is_not_written() -> None:
    assert "path" not in to_toml(EverythingConfig())


@pytest.mark.parametrize("number", ["inf", "-inf", "nan", "1e300", "9" * 400])
def test_wild_numbers_are_refused(number: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(f"number = {number}\n")
    with pytest.raises(ConfigError, match="--number") as refusal:
        resolve(EverythingConfig, read_toml(tmp_path / "config.toml", EverythingConfig))
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 300


HOSTILE = {
    "nested": b"text = " + b"[" * 100_000,
    "NUL": b"\0" * 100,
    "not UTF-8": b"text = '\xff'",
    "too many digits": b"count = " + b"9" * 10_000,
    "large": b"#" * (LARGEST_FILE + 1),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_file_that_is_no_config_is_refused_in_a_line(kind: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(HOSTILE[kind])
    with pytest.raises(ConfigError, match=r"config\.toml") as refusal:
        read_toml(tmp_path / "config.toml", EverythingConfig)
    assert "\n" not in str(refusal.value)


def test_a_config_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.toml")
    with pytest.raises(ConfigError, match="is a pipe, not a regular file"):
        read_toml(tmp_path / "config.toml", EverythingConfig)


@pytest.mark.parametrize("content", ["everything = []", "everything = 1", "[everything]\ncount = []", "[[everything]]"])
def test_other_types_are_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(content)
    with pytest.raises(ConfigError):
        resolve(EverythingConfig, read_toml(tmp_path / "config.toml", EverythingConfig))


def written(content: bytes, folder: Path) -> Path:
    (folder / "my.toml").write_bytes(content)
    return folder / "my.toml"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", ["text = 'é'\r\n", "[everything]\ntext = 'é'\n"])
def test_what_editors_on_windows_write_is_read(encoding: str, text: str, tmp_path: Path) -> None:
    assert read_toml(written(text.encode(encoding), tmp_path), EverythingConfig) == {"everything": {"text": "é"}}


class Hyphenated(Section):
    """hyphenated"""

    critic_width: int = 1


class HyphenatedConfig(Config):
    hyphenated: Hyphenated = Hyphenated()


@pytest.mark.parametrize("text", [b"critic-width = 3", b"[hyphenated]\ncritic-width = 3", b"critic_width = 3"])
def test_options_may_be_written_as_on_the_command_line(text: bytes, tmp_path: Path) -> None:
    assert read_toml(written(text, tmp_path), HyphenatedConfig) == {"hyphenated": {"critic_width": 3}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"txt = 'a'", "unknown option 'txt'; did you mean text?"),
        (b"[everything]\ncuont = 1", "unknown option 'cuont' in [everything]; did you mean count?"),
        (b"[everthing]\nxyz = 1", "did you mean [everything]?"),
        (b"[networks]\ncount = 1", "it belongs in [everything]"),
        (b"[data]\nqqq = 1\n[run]\nzzz = 2\n", "and 1 more: is it the file of another command?"),
        (b"x = ", "not a readable TOML file"),
        (b"x = " + b"[" * 100_000, "not a readable TOML file"),
    ],
)
def test_what_is_no_option_is_told_with_the_file_and_a_hint(text: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_toml(written(text, tmp_path), EverythingConfig)
    assert str(caught.value).startswith(f"{tmp_path / 'my.toml'}: ") and said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_value_of_thousands_of_letters_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(EverythingConfig, {"everything": {"count": "n" * 3000}})
    assert len(str(caught.value)) < 300


def test_a_value_of_several_lines_is_told_in_one() -> None:
    with pytest.raises(ConfigError, match=r"--count a\\nb\\x1b: ") as told:
        resolve(EverythingConfig, {"everything": {"count": "a\nb\x1b"}})
    assert str(told.value).isprintable()
