"""Configs to and from TOML: what `--config` reads, and what a run leaves in its folder."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from pydantic import ValidationError

from img2img.disk.regular import read_bounded

from .base import Config, Overrides, UserError, section_of, sections
from .meant import meant, nearest
from .printable import printable

LARGEST_FILE = 2**20
"""Of a file of options, bytes; one with every option has about 4,000."""

ConfigT = TypeVar("ConfigT", bound=Config)


_SHOWN = 100
"""Letters of a value that a message repeats."""
_TOLD = 5
"""Faults that a message lists: another command's options would be dozens."""


class ConfigError(UserError, ValueError):
    """A setting that is unknown or not allowed; names it, the value and what is allowed."""


def to_toml(config: Config) -> str:
    """Every option that has a value, as TOML that `read_toml` gives back whatever is in it; options left to their
    default rule (None) are not written.
    """
    written = {
        section: {name: _without_surrogates(value) for name, value in options.items() if value is not None}
        for section, options in config.model_dump(mode="json").items()
    }
    return tomli_w.dumps(written)


def read_toml(path: Path, config: type[Config]) -> Overrides:
    """The tables of a TOML file. Options may also stand at the top level, without their section, and be written as on
    the command line: critic-width.

    Raises ConfigError naming the file for what is no TOML or no option.
    """
    try:
        content = tomllib.loads(_text(read_bounded(path, LARGEST_FILE)))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except RecursionError:
        raise ConfigError(f"{path}: not a readable TOML file (nested too deeply)") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise ConfigError(f"{path}: not a readable TOML file ({reason})") from None
    owner, fields, tables = section_of(config), _by_name_of_flag(config), sections(config)
    found: Overrides = {}
    unknown: list[tuple[str, str]] = []
    for name, value in content.items():
        inside = value if isinstance(value, dict) and (name in tables or name not in owner) else None
        for option, inner in ({name: value} if inside is None else inside).items():
            plain = str(option).replace("-", "_")
            field = fields.get(plain, plain)
            section = owner.get(field) if inside is None else name
            if section in tables and field in tables[section].model_fields:
                found.setdefault(section, {})[field] = _with_surrogates(inner)
            else:
                unknown.append(("" if inside is None else name, str(option)))
    if unknown:
        raise ConfigError(f"{path}: {_unknown(unknown, owner, tables)}")
    return found


def _text(content: bytes) -> str:
    """As editors on Windows write it, too: with a byte order mark, or in UTF-16. Raises UnicodeDecodeError."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def _unknown(unknown: list[tuple[str, str]], owner: dict[str, str], tables: Iterable[str]) -> str:
    """What is said of options that the command has not."""
    (section, option), *others = unknown
    where = f" in [{section}]" if section else ""
    near = nearest(option, owner)
    hint = ""
    if near and near == option.replace("-", "_"):
        hint = f"; it belongs in [{owner[near]}]"
    elif near:
        hint = f"; did you mean {near}?"
    elif section and section not in tables:
        close = nearest(section, tables)
        hint = f"; did you mean [{close}]?" if close else f"; its tables are {', '.join(tables)}"
    more = f", and {len(others)} more: is it the file of another command?" if others else ""
    return f"unknown option {option!r}{where}{hint}{more}; see --help for the options"


def _by_name_of_flag(config: type[Config]) -> dict[str, str]:
    """{the flag's name: the field's} where the two differ, as json and as_json do."""
    fields = [field for section in sections(config).values() for field in section.model_fields.items()]
    return {alias: name for name, field in fields if (alias := field.serialization_alias)}


def _without_surrogates(value: Any) -> Any:
    """What TOML, which is UTF-8, can hold of a value.

    Bytes of a file's name that are no UTF-8 are lone surrogates in Python (PEP 383). Each becomes a NUL, which no name
    has, and its number; a NUL itself the same.
    """
    if isinstance(value, list | tuple):
        return [_without_surrogates(part) for part in value]
    if not isinstance(value, str):
        return value
    return re.sub("[\0\ud800-\udfff]", lambda found: f"\0{ord(found[0]):04x}", value)


def _with_surrogates(value: Any) -> Any:
    """What `_without_surrogates` made it of."""
    if isinstance(value, list):
        return [_with_surrogates(part) for part in value]
    if not isinstance(value, str):
        return value
    return re.sub("\0([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), value)


def resolve(config: type[ConfigT], *layers: Overrides) -> ConfigT:
    """The config that the layers make, later ones winning. Raises ConfigError in one line."""
    try:
        return config.model_validate({**{section: {} for section in sections(config)}, **merged(*layers)})
    except ValidationError as error:
        places = {name for section in sections(config).values() for name in section.arguments}
        faults = error.errors()
        inner = {fault["loc"][:-1] for fault in faults}  # a list is "too short" without what is wrong in it
        told = [fault for fault in faults if not (fault["type"] == "too_short" and fault["loc"] in inner)]
        more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        raise ConfigError("; ".join(_in_words(fault, places) for fault in told[:_TOLD]) + more) from None


def merged(*layers: Overrides) -> Overrides:
    """All options of the layers; a later one's word counts."""
    whole: Overrides = {}
    for layer in layers:
        for section, options in layer.items():
            whole.setdefault(section, {}).update(options)
    return whole


def _in_words(fault: Any, places: set[str]) -> str:
    """places: the options that are taken by their place, and have no flag."""
    *_, option = [str(part) for part in fault["loc"] if isinstance(part, str)] or ["config"]
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        return f"unknown option {option!r}"
    name = option.upper() if option in places else f"--{option.replace('_', '-')}"
    if fault["type"] == "missing" or (fault["type"] == "too_short" and not fault["input"]):
        return f"{name} is required; see --help"
    if fault["type"] == "tuple_type":
        message = 'write a list: ["a", "b"]'
    given = printable(str(fault["input"])).replace("\n", "\\n")
    shown = given if len(given) <= _SHOWN else f"{given[:_SHOWN]}..."
    if fault["type"] == "literal_error":
        message += meant(given, re.findall("'([^']+)'", fault["ctx"]["expected"]))
    return f"{name} {shown}: {message[0].lower()}{message[1:]}"


def difference(old: Config, new: Config) -> list[tuple[str, str, Any, Any]]:
    """What changed: (section, option, old value, new value)."""
    before, after = old.model_dump(), new.model_dump()
    return [
        (section, option, value, after[section][option])
        for section, options in before.items()
        for option, value in options.items()
        if after[section][option] != value
    ]
