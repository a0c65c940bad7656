"""Files and folders that are named once, by an environment variable, instead of in every call."""

from __future__ import annotations

import os
from pathlib import Path


def named_path(option: Path | None, variable: str) -> Path | None:
    """The path that an option names, else the one that the environment variable does; None for neither."""
    value = os.environ.get(variable)
    return option or (Path(value) if value else None)
