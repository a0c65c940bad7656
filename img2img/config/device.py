"""Where a command computes."""

from __future__ import annotations

from .base import Section


class OnDevice(Section):
    """computing"""

    device: str = "auto"
    """auto (cuda, then mps, then cpu), cpu, mps, cuda, cuda:1, ..."""
