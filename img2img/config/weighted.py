"""Options that are lists with weights: `name`, or `name:0.1,other`."""

from __future__ import annotations


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
