"""Configs to and from TOML: what `--config` reads, and what a run leaves in its folder."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from .base import Config, Overrides, section_of

ConfigT = TypeVar("ConfigT", bound=Config)


class ConfigError(ValueError):
    """A setting that is unknown or not allowed; names it, the value and what is allowed."""


def to_toml(config: Config) -> str:
    """Every option that has a value, as TOML; options left to their default rule (None) are not written."""
    lines: list[str] = []
    for section, options in config.model_dump(mode="json").items():
        lines.append(f"[{section}]")
        # A JSON string, number or boolean is also a TOML one.
        lines += [
            f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in options.items() if value is not None
        ]
        lines.append("")
    return "\n".join(lines)


def read_toml(path: Path, config: type[Config]) -> Overrides:
    """The tables of a TOML file. Options may also stand at the top level, without their section.

    Raises ConfigError naming the file for what is no TOML or no option.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not a readable TOML file ({error})") from None
    owner = section_of(config)
    found: Overrides = {}
    for name, value in content.items():
        if isinstance(value, dict):
            found.setdefault(name, {}).update(value)
        elif name in owner:
            found.setdefault(owner[name], {})[name] = value
        else:
            raise ConfigError(f"{path}: unknown option {name!r}; see --help for the options")
    return found


def resolve(config: type[ConfigT], *layers: Overrides) -> ConfigT:
    """The config that the layers make, later ones winning. Raises ConfigError in one line."""
    try:
        return config.model_validate(merged(*layers))
    except ValidationError as error:
        raise ConfigError("; ".join(_in_words(fault) for fault in error.errors())) from None


def merged(*layers: Overrides) -> Overrides:
    """All options of the layers; a later one's word counts."""
    whole: Overrides = {}
    for layer in layers:
        for section, options in layer.items():
            whole.setdefault(section, {}).update(options)
    return whole


def _in_words(fault: Any) -> str:
    *_, option = [str(part) for part in fault["loc"]] or ["config"]
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        return f"unknown option {option!r}"
    return f"--{option.replace('_', '-')} {fault['input']}: {message[0].lower()}{message[1:]}"


def difference(old: Config, new: Config) -> list[tuple[str, str, Any, Any]]:
    """What changed: (section, option, old value, new value)."""
    before, after = old.model_dump(), new.model_dump()
    return [
        (section, option, value, after[section][option])
        for section, options in before.items()
        for option, value in options.items()
        if after[section][option] != value
    ]
