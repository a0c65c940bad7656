"""Others' checkpoints, read without running anything in them, as our networks."""

from .reference import import_reference, read_generator

__all__ = ["import_reference", "read_generator"]
