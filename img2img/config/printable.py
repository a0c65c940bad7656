"""Text that others wrote, names of files and notes in weights, as a terminal may show it."""

from __future__ import annotations

import json
import re
from typing import Any

_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r")
"""Control codes but for tab and newline: an escape moves the cursor or changes the title. Marks of direction, too,
which turn a name's end around."""


def printable(text: str) -> str:
    """The text, each control code in it as \\x1b or \\u202e."""
    return _UNSEEN.sub(_escaped, text)


def as_json(facts: Any) -> str:
    """One line of JSON. Bytes of a name that are no UTF-8 are escapes such as \\udce9, which Python's parser turns back
    into the name."""
    return re.sub("[\ud800-\udfff]", _escaped, json.dumps(facts, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def duration(seconds: float) -> str:
    """`0:02:10`, and with days `3 d 4:00:00`."""
    days, rest = divmod(round(seconds), 86400)
    clock = f"{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{days} d {clock}" if days else clock
