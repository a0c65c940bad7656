"""What `--help` says of an option: its field's docstring, what is allowed, its default."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from img2img.config.base import flag

_DEFAULT = " [default: "
_IN_WORDS = {"ge": "{} or more", "gt": "above {}", "le": "up to {}", "lt": "below {}"}


def opposite(name: str, field: FieldInfo) -> str:
    """What turns a switch off: --no-flip."""
    return f"--no-{flag(name, field).removeprefix('--')}"


def help_text(name: str, field: FieldInfo) -> str:
    """One line: what the option does (what is allowed) [default: its own, or the rule that the docstring names]."""
    text, rule, default = " ".join((field.description or "").split()).partition(_DEFAULT)
    if field.annotation in (bool, bool | None):
        text += f" (or {opposite(name, field)})"
    text += _choices(field.annotation) or _limits(field)
    if field.is_required():
        return f"{text} [required]"
    if rule:
        return f"{text}{rule}{default.rstrip('.')}"
    if field.default in (None, ""):
        return text
    value = ("on" if field.default else "off") if isinstance(field.default, bool) else str(field.default)
    return f"{text}{_DEFAULT}{value.replace(',', ', ')}]"  # a list may be longer than a line


def metavar(kind: Any) -> str:
    """What an option takes, in a word so short that names and texts keep their room; "" for a switch."""
    if get_origin(kind) is Literal:
        return "<choice>"
    return {bool: "", int: "<int>", float: "<float>", Path: "<path>"}.get(kind, "<text>")


def _choices(annotation: Any) -> str:
    """All that may be written, where it can be counted."""
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [inner for inner in get_args(annotation) if inner is not type(None)]
        return _choices(kinds[0]) if len(kinds) == 1 else ""
    return f" ({', '.join(map(str, get_args(annotation)))})" if get_origin(annotation) is Literal else ""


def _limits(field: FieldInfo) -> str:
    """The allowed range of a number, from the field's own constraints."""
    found = {name: getattr(one, name) for one in field.metadata for name in _IN_WORDS if hasattr(one, name)}
    if "ge" in found and "le" in found:
        return f" ({found['ge']} to {found['le']})"
    parts = [words.format(found[name]) for name, words in _IN_WORDS.items() if name in found]
    return f" ({', '.join(parts)})" if parts else ""
