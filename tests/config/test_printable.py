"""What others wrote does nothing to a terminal, and JSON stays JSON."""

from __future__ import annotations

import json
import os

import pytest

from img2img.config.printable import as_json, in_short, printable


@pytest.mark.parametrize("code", ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\r", "\b", "\x7f", "\u202e", "\0"])
def test_control_codes_are_shown_not_done(code: str) -> None:
    shown = printable(f"a{code}b\tc\nd é 漢")
    assert code not in shown and shown.startswith("a\\") and shown.endswith("b\tc\nd é 漢")


def test_names_of_any_bytes_come_back_from_json() -> None:
    for byte in range(1, 256):
        name = os.fsdecode(b"a" + bytes([byte]) + b"\xff")
        line = as_json({"name": name})
        line.encode()
        assert os.fsencode(json.loads(line)["name"]) == os.fsencode(name)


def test_what_a_library_says_is_one_short_line_without_escapes() -> None:
    error = ValueError("in the header:\n\x1b[31m" + "x" * 100_000)
    said = in_short(error)
    assert said.startswith("in the header: \\x1b[31mxx") and said.endswith("x...") and len(said) < 220
    assert "\n" not in said and in_short(KeyError()) == "KeyError"
