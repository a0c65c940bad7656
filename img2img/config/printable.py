"""Text that others wrote, names of files and notes in weights, as a terminal may show it."""

from __future__ import annotations

import json
import re
from typing import Any

_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r")
"""Control codes but for tab and newline: an escape moves the cursor or changes the title. Marks of direction, too,
which turn a name's end around."""

_SHORT = 200


def printable(text: str) -> str:
    """The text, each control code in it as \\x1b or \\u202e."""
    return _UNSEEN.sub(_escaped, text)


def in_short(error: Exception) -> str:
    """What a library says of a file, in one line of at most 200 letters: some repeat what is in the file."""
    words = " ".join(str(error)[:10_000].split()) or type(error).__name__
    return printable(words if len(words) <= _SHORT else f"{words[:_SHORT]}...")


def as_json(facts: Any) -> str:
    """One line of JSON. Bytes of a name that are no UTF-8 are escapes such as \\udce9, which Python's parser turns back
    into the name."""
    return re.sub("[\ud800-\udfff]", _escaped, json.dumps(facts, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
