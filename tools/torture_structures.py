"""Structures that anybody may have written: JSON and TOML with one place changed to what nobody expects there."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import tomli_w

_MARK = "@changed@"

_ODD_JSON = (
    "null", "[]", "{}", '""', "true", "-1", "3.5", "1e999", "NaN", "[null]", '"12"', '"\\u0000"', '"\\ud800"',
    '"\\u001b[31m"', "18446744073709551616", "1" * 400, "9" * 5000, "[" * 3000 + "]" * 3000,
    "[" * 100_000 + "]" * 100_000, '{"a":' * 2000 + "1" + "}" * 2000, '"' + "x" * 100_000 + '"', "[1,[2,[3]]]", "",
)  # fmt: skip
_ODD_TOML = (
    "nan", "inf", "-inf", "[]", "{}", '""', "true", "-1", "0", "3.5", "1e300", '"12"', '"\\u0000"', "1979-05-27",
    "[[1], [2]]", "{ a = 1 }", "99999999999999999999", "9" * 5000, "[" * 3000 + "]" * 3000, '"' + "x" * 100_000 + '"',
    '"\\u001b[31m"', "'''a\nb'''", "1_000_000_007", "",
)  # fmt: skip

Tree = Any
"""Of dictionaries, lists and what JSON and TOML have as leaves."""


def odd_json(text: str | bytes, rng: np.random.Generator) -> str:
    """The JSON text with one place changed: left out, renamed, moved, or an odd value."""
    return _changed(json.loads(text), rng, json.dumps).replace(f'"{_MARK}"', str(rng.choice(_ODD_JSON)))


def odd_toml(data: bytes, rng: np.random.Generator) -> bytes:
    """The same of TOML."""
    changed = _changed(tomllib.loads(data.decode()), rng, tomli_w.dumps)
    return changed.replace(f'"{_MARK}"', str(rng.choice(_ODD_TOML))).encode()


def odd_lines(data: bytes, rng: np.random.Generator) -> bytes:
    """Lines of JSON, of which one has a place changed."""
    lines = data.decode().splitlines()
    number = int(rng.integers(len(lines)))
    lines[number] = odd_json(lines[number], rng)
    return "".join(line + "\n" for line in lines).encode()


def odd_tree(tree: Tree, rng: np.random.Generator, leaf: Callable[[np.random.Generator], Any]) -> Tree:
    """A copy of the tree with one place changed, an odd value being what `leaf` gives."""
    tree = deepcopy(tree)
    places = list(_places(tree))
    if not places:
        return leaf(rng)
    within, key = places[int(rng.integers(len(places)))]
    way = int(rng.integers(6))
    if way == 0:
        del within[key]
    elif way == 1 and isinstance(within, dict):
        within[f"{key}x"] = within.pop(key)
    elif way == 2:
        other, name = places[int(rng.integers(len(places)))]
        within[key] = deepcopy(other[name])
    else:
        within[key] = leaf(rng)
    return tree


def _changed(tree: Tree, rng: np.random.Generator, write: Callable[[Tree], str]) -> str:
    return write(odd_tree(tree, rng, lambda _: _MARK))


def _places(tree: Tree) -> Iterator[tuple[Any, Any]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield tree, key
        yield from _places(value)
