"""What a recipe is told of its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sides:
    """The sides of a batch: two domains, say, or the pictures alone.

    channels: 1 or 3 for each side. names: what the model card calls each side. classes: names by label, if any.
    """

    channels: Mapping[str, int]
    names: Mapping[str, str] = field(default_factory=dict)
    classes: Sequence[str] = ()
