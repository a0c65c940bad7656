"""Frozen settings: a field is the option, its docstring is the help text, its default is the default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from .errors import Refusal as Refusal
from .errors import UserError as UserError

LARGEST = 2**31
"""Of any number among the options: seeds take it; pixels, steps and bytes of memory at once do not."""

Overrides = dict[str, dict[str, Any]]
"""Section -> option -> value."""


class Frozen(BaseModel):
    """A value that cannot change and that refuses unknown names."""

    # A command uses few of the models that it imports: to build those alone saves 0.1 s of each call.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, allow_inf_nan=False)


def _no_nameless(text: str) -> str:
    """Raises ValueError for what can be the name of nothing; an empty path would be the folder where one stands."""
    if not text:
        raise ValueError("is empty: a variable that is not set?")
    if "\0" in text:
        raise ValueError("no name has a NUL")
    return text


Name = Annotated[str, AfterValidator(_no_nameless)]
"""Of a file, a folder, weights; - and such, too."""


class Section(Frozen):
    """One group of options in `--help`, one table in a run's `config.toml`.

    `fixed` names the fields that a resumed run must keep: a checkpoint means something else without them.
    `per_session` names those that belong to one call, and that a resumed run does not take over.
    `arguments` names those that a command takes by their place, in this order, rather than by a flag.
    `in_older_runs` gives what a run meant that was saved before an option was there, {option: value}.
    `left_out` names those that a command inherits and has no use for: it does not offer them.
    `short` gives flags of one letter, {field: letter}.
    """

    # Here alone: to look them up in the sources costs 1 ms a class, and the specs of networks are many.
    model_config = ConfigDict(use_attribute_docstrings=True)

    arguments: ClassVar[tuple[str, ...]] = ()
    left_out: ClassVar[frozenset[str]] = frozenset()
    short: ClassVar[dict[str, str]] = {}
    fixed: ClassVar[frozenset[str]] = frozenset()
    per_session: ClassVar[frozenset[str]] = frozenset()
    in_older_runs: ClassVar[dict[str, Any]] = {}

    @field_validator("*", mode="before")
    @classmethod
    def _is_a_path(cls, value: Any, info: ValidationInfo) -> Any:
        named = isinstance(value, str) and cls.model_fields[str(info.field_name)].annotation in (Path, Path | None)
        return _no_nameless(value) if named else value

    @field_validator("*")
    @classmethod
    def _is_no_wild_number(cls, value: Any) -> Any:
        """Fields have limits of their own; this one holds for all, so that no product of two of them overflows."""
        if isinstance(value, int | float) and abs(value) > LARGEST:
            raise ValueError(f"allowed up to {LARGEST:,}")
        return value


class Config(Frozen):
    """Everything that one command was told: a section per field, and the presets that its paper asks for."""

    presets: ClassVar[dict[str, Overrides]] = {}

    @classmethod
    def starting_point(cls, preset: str | None, asked: Overrides) -> Overrides:
        """The options that a new run has where none are asked for: the preset's. asked: what will win over them."""
        return cls.presets[preset] if preset else {}


def flag(name: str, field: FieldInfo) -> str:
    """The option that a field is, --max-pixels; an alias stands where pydantic has the name for itself: --json."""
    return f"--{(field.serialization_alias or name).replace('_', '-')}"


def sections(config: type[Config] | Config) -> dict[str, type[Section]]:
    """The sections of a config class by field name, in the order of `--help`."""
    cls = config if isinstance(config, type) else type(config)
    found = {}
    for name, field in cls.model_fields.items():
        assert isinstance(field.annotation, type) and issubclass(field.annotation, Section), name
        found[name] = field.annotation
    return found


def section_of(config: type[Config]) -> dict[str, str]:
    """Which section each option belongs to, {option: section}. An option's name is unique within a command."""
    owner: dict[str, str] = {}
    for name, section in sections(config).items():
        for option in section.model_fields:
            assert option not in owner, f"{option} is in both {owner[option]} and {name}"
            owner[option] = name
    return owner


def weighted_list(text: str) -> dict[str, float]:
    """{name: weight} of such a list; a weight left out is 1.

    Raises ValueError for a weight that is no positive number, and for a name that stands there twice.
    """
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition(":")
        if name in weights:
            raise ValueError(f"{name} is named twice")
        try:
            weights[name] = float(number or 1)
        except ValueError:
            raise ValueError(f"{number!r} is no weight: write {name}:0.1") from None
        if not 0 < weights[name] < float("inf"):
            raise ValueError(f"the weight of {name} is {number}, and must be above 0")
    return weights
