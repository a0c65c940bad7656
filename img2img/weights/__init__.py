"""Weights files: written with their model card, found by name, read from others' checkpoints, exported to ONNX.

What needs torch is imported when it is asked for: to find a file and to read its card takes none.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .errors import WeightsError
from .find import choose_network, find, shipped
from .headers import read_card

if TYPE_CHECKING:
    from .files import load, save
    from .importers import import_reference
    from .onnx import export_onnx

__all__ = [
    "WeightsError",
    "choose_network",
    "export_onnx",
    "find",
    "import_reference",
    "load",
    "read_card",
    "save",
    "shipped",
]

_WITH_TORCH = {"load": "files", "save": "files", "import_reference": "importers", "export_onnx": "onnx"}
"""Name -> its module here."""


def __getattr__(name: str) -> Any:
    if name not in _WITH_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_WITH_TORCH[name]}"), name)
