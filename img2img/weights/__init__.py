"""Weights files: written with their model card, found by name, read from others' checkpoints, exported to ONNX."""

from .errors import WeightsError
from .files import load, read_card, save
from .find import choose_network, find, shipped
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
