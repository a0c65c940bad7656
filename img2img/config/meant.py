"""Did you mean …? One answer for names of options, games, presets, networks, recipes and weights."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, names: Iterable[str]) -> str:
    """The name that was probably meant, "" for none. Case, and - for _, make no difference."""
    plain = {_plain(name): name for name in names}
    near = get_close_matches(_plain(word)[:100], plain, n=1)  # of a long word it takes the square of its letters
    return plain[near[0]] if near else ""


def meant(word: str, names: Iterable[str]) -> str:
    """The end of a message: "; did you mean wgan-gp?", or "" where nothing is near."""
    near = nearest(word, names)
    return f"; did you mean {near}?" if near else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "-")
