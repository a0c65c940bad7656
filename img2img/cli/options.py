"""Command-line options made from a config class: an option is written once, as a field."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import typer

from img2img.config.base import Config, Refusal, Section, flag, section_of, sections
from img2img.config.meant import meant
from img2img.config.toml import Overrides, read_toml, resolve

from .help_texts import help_text, metavar, opposite

ConfigT = TypeVar("ConfigT", bound=Config)

_OPPOSITE = "opposite_of_"

Unresolved = Callable[[Overrides, str | None, Path | None], None]
"""Takes the options given, the preset, the TOML file."""


def command_from(config: type[ConfigT], body: Callable[[ConfigT], None]) -> Callable[..., None]:
    """A typer command with an option for every field of `config`, in panels by section, and --config.

    body: takes the config that the file and the options make, the options winning.
    """

    def resolved(given: Overrides, preset: str | None, config_file: Path | None) -> None:
        layers = [read_toml(config_file, config)] if config_file else []
        body(resolve(config, *layers, given))

    return unresolved_command_from(config, resolved)


def unresolved_command_from(config: type[Config], body: Unresolved) -> Callable[..., None]:
    """As `command_from`, and --preset; for commands whose config depends on more than what is given here.

    Only options that were given reach `body`: what is left out is for the preset, the file or the defaults to say.
    """
    parameters = [
        parameter
        for section in sections(config).values()
        for name in _in_order(section)
        if name not in section.left_out
        for parameter in _parameters(section, name)
    ]
    parameters += [_preset(config), _config_file()] if config.presets else [_config_file()]
    owner = section_of(config)

    def command(**given: Any) -> None:
        preset, config_file = given.pop("preset", None), given.pop("config", None)
        overrides: Overrides = {}
        for name, value in _given(given).items():
            overrides.setdefault(owner[name], {})[name] = value
        body(overrides, preset, config_file)

    described: Any = command  # a function's type knows no signature to set
    described.__signature__ = inspect.Signature(parameters)
    described.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _in_order(section: type[Section]) -> list[str]:
    """The options that have to be given, then the section's own, then those that it has in common with others."""
    found: list[str] = []
    for cls in section.__mro__:
        if issubclass(cls, Section):
            inherited = {name for base in cls.__bases__ if issubclass(base, Section) for name in base.model_fields}
            found += [name for name in cls.model_fields if name not in inherited]
    return sorted(dict.fromkeys(found), key=lambda name: not section.model_fields[name].is_required())


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """The options that were given; of a switch and its opposite, which is a parameter of its own, one."""
    found = {name: value for name, value in values.items() if not (value is None or value is False or value == [])}
    for opposed in [name for name in found if name.startswith(_OPPOSITE)]:
        name = opposed.removeprefix(_OPPOSITE)
        if name in found:
            raise Refusal(f"--{name.replace('_', '-')} and its opposite: give one of them")
        del found[opposed]
        found[name] = False
    return found


def _parameters(section: type[Section], name: str) -> list[inspect.Parameter]:
    field = section.model_fields[name]
    kind = _kind(field.annotation)
    read = str if kind is Path else kind  # an empty name would be read as the folder where one stands
    told, panel = _escaped(help_text(name, field)), (section.__doc__ or "options").strip().capitalize()
    if name in section.arguments:
        return [_optional(name, read, typer.Argument(help=told, metavar=name.upper(), show_default=False))]
    names = [flag(name, field)] + ([f"-{section.short[name]}"] if name in section.short else [])
    shown: dict[str, Any] = {"help": told, "metavar": metavar(kind), "rich_help_panel": panel, "show_default": False}
    if get_origin(kind) is Literal:
        return [_choice(name, names, kind, shown)]
    option = typer.Option(*names, **shown)
    if kind is not bool:
        return [_optional(name, read, option)]
    # typer would give the opposite a column, and the long names would be cut.
    hidden = typer.Option(opposite(name, field), hidden=True)
    return [_optional(name, kind, option), _optional(f"{_OPPOSITE}{name}", kind, hidden)]


def _preset(config: type[Config]) -> inspect.Parameter:
    told = f"Start from a set of options: {', '.join(config.presets)}."
    kind: Any = Literal[tuple(config.presets)]
    return _choice("preset", ["--preset"], kind, {"help": told, "metavar": metavar(kind), "rich_help_panel": "Run"})


def _choice(name: str, flags: list[str], kind: Any, shown: dict[str, Any]) -> inspect.Parameter:
    """An option that takes one of some words; of another it says which was probably meant."""
    words = {str(word): word for word in get_args(kind)}

    def chosen(text: str) -> Any:
        if text in words:
            return words[text]
        raise typer.BadParameter(f"{text!r}: allowed are {', '.join(words)}{meant(text, words)}")

    def completed(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    option = typer.Option(*flags, parser=chosen, autocompletion=completed, **shown)
    return _optional(name, str, option)


def _config_file() -> inspect.Parameter:
    told = "Read options from a TOML file; options given here win."
    return _optional("config", Path, typer.Option("--config", help=told, metavar=metavar(Path), rich_help_panel="Run"))


def _optional(name: str, kind: Any, option: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _kind(annotation: Any) -> Any:
    """What typer reads from the command line; where several kinds are allowed, a string, which the config looks at."""
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) is tuple:
        return list[str]
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [inner for inner in get_args(annotation) if inner is not type(None)]
        return _kind(kinds[0]) if len(kinds) == 1 else str
    return annotation


def _escaped(text: str) -> str:
    """Square brackets are styles to the help formatter."""
    return text.replace("[", "\\[")
