"""Specs from options: what is not given is the spec's to say, and what it does not take is refused by option."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from .base import Refusal
from .specs import Spec

SpecT = TypeVar("SpecT", bound=Spec)


def made(spec: type[SpecT], prefix: str, given: Mapping[str, Any]) -> SpecT:
    """The spec with those of its fields that are given. Raises Refusal, naming options, for what it does not take."""
    try:
        return spec(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [
            f"--{prefix}{fault['loc'][0]} {fault['input']}: {fault['msg'].removeprefix('Value error, ').lower()}"
            for fault in error.errors()
        ]
        raise Refusal(f"{spec.model_fields['network'].default}: {'; '.join(faults)}") from None
