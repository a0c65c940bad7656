"""Command-line options made from a config class: an option is written once, as a field."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from img2img.config.base import Config, Section, section_of, sections
from img2img.config.toml import Overrides

Body = Callable[[Overrides, str | None, Path | None], None]
"""What a generated command calls: the options given, the preset, the TOML file."""


def command_from(config: type[Config], body: Body) -> Callable[..., None]:
    """A typer command with an option for every field of `config`, in panels by section, and --preset and --config.

    Only options that were given reach `body`: what is left out is for the preset, the file or the defaults to say.
    """
    parameters = [
        _parameter(section, name, field)
        for section in sections(config).values()
        for name, field in section.model_fields.items()
    ]
    parameters += [_preset(config), _config_file()] if config.presets else [_config_file()]
    owner = section_of(config)

    def command(**given: Any) -> None:
        preset, config_file = given.pop("preset", None), given.pop("config", None)
        overrides: Overrides = {}
        for name, value in given.items():
            if value is not None:
                overrides.setdefault(owner[name], {})[name] = value
        body(overrides, preset, config_file)

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _parameter(section: type[Section], name: str, field: FieldInfo) -> inspect.Parameter:
    kind = _without_none(field.annotation)
    panel = (section.__doc__ or "options").strip().capitalize()
    if name in section.arguments:
        place = typer.Argument(help=_escaped(_help(field)), metavar=name.upper(), show_default=False)
        return _optional(name, kind, place)
    # An alias where pydantic has the name for itself: json.
    flag = f"--{(field.serialization_alias or name).replace('_', '-')}"
    names = f"{flag}/--no-{flag.removeprefix('--')}" if kind is bool else flag
    option = typer.Option(
        names,
        help=_escaped(_help(field)),
        rich_help_panel=panel,
        show_default=False,
    )
    return _optional(name, kind, option)


def _help(field: FieldInfo) -> str:
    text = " ".join((field.description or "").split())
    limits = _limits(field)
    if field.default is None:
        return f"{text}{limits}"
    default = (
        {True: "on", False: "off"}.get(field.default, field.default)
        if isinstance(field.default, bool)
        else field.default
    )
    return f"{text}{limits} [default: {default}]"


def _limits(field: FieldInfo) -> str:
    """The allowed range of a number, from the field's own constraints."""
    low = next((f"{m.ge}" for m in field.metadata if hasattr(m, "ge")), None)
    high = next((f"{m.le}" for m in field.metadata if hasattr(m, "le")), None)
    return f" ({low} to {high})" if low and high else ""


def _preset(config: type[Config]) -> inspect.Parameter:
    names = ", ".join(config.presets)
    option = typer.Option("--preset", help=f"Start from a set of options: {names}.", rich_help_panel="Run")
    return _optional("preset", Literal[tuple(config.presets)], option)  # type: ignore[valid-type]


def _config_file() -> inspect.Parameter:
    option = typer.Option(
        "--config", help="Read options from a TOML file; options given here win.", rich_help_panel="Run"
    )
    return _optional("config", Path, option)


def _optional(name: str, kind: Any, option: Any) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        (kind,) = [inner for inner in get_args(annotation) if inner is not type(None)]
        return kind
    return annotation


def _escaped(text: str) -> str:
    """Square brackets are styles to the help formatter."""
    return text.replace("[", "\\[")
