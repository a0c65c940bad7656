"""Writes `img2img/__init__.pyi`: every option of every recipe with its type, for editors and type checkers.

    python tools/make_stub.py && ruff format img2img/__init__.pyi

`img2img.train` takes what the commands take, and an option is written once, as a field of a config: so its types are
made of these. A test says when this must be run again.
"""

from __future__ import annotations

import inspect
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import img2img
from img2img.config.base import Config, sections
from img2img.training.call import RECIPES, kind_of

STUB = Path(img2img.__file__).with_suffix(".pyi")

HEAD = '''"""Made by tools/make_stub.py of the configs' fields: not to be changed by hand."""

from pathlib import Path
from typing import Literal, overload

import torch

from img2img.apply.converter import Converter
from img2img.apply.sample.sampler import Sampler

__version__: str

'''


def stub() -> str:
    """The text of the stub."""
    parts = [HEAD, _load('Literal["sample"]', "Sampler")]
    parts += [_load('Literal["translate", "upscale", "inpaint"] | None = ...', "Converter")]
    parts += [_train(name, kind_of(name).config) for name in RECIPES]
    return "\n".join(parts)


def _load(task: str, returns: str) -> str:
    """An overload of `load`, by its task."""
    lines = ["@overload", "def load("]
    for name, parameter in inspect.signature(img2img.load).parameters.items():
        lines.append(f"    {name}: {task if name == 'task' else parameter.annotation + ' = ...'},")
        lines += ["    *,"] if name == "model" else []
    return "\n".join([*lines, f") -> {returns}: ...", ""])


def _train(name: str, config: type[Config]) -> str:
    """An overload of `train`, by its recipe."""
    presets = f"Literal[{', '.join(repr(preset) for preset in config.presets)}] | None"
    lines = ["@overload", "def train(", f"    recipe: Literal[{name!r}],", "    *,"]
    lines += [f"    preset: {presets} = ...,", "    config: str | Path | None = ...,"]
    for section in sections(config).values():
        for option, field in section.model_fields.items():
            if option not in section.left_out:
                lines.append(f"    {option}: {written(field.annotation)} = ...,")
    return "\n".join([*lines, ") -> Path: ...", ""]).replace("'", '"')


def written(kind: Any) -> str:
    """A type as it is written; where a path is wanted, a string will do."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return written(inner[0])
    if origin in (Union, types.UnionType):
        return " | ".join(written(one) for one in inner)
    if origin is Literal:
        return f"Literal[{', '.join(repr(one) for one in inner)}]"
    if origin is tuple:
        return f"tuple[{', '.join('...' if one is ... else written(one) for one in inner)}]"
    if kind is Path:
        return "str | Path"
    return {type(None): "None"}.get(kind) or kind.__name__


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
