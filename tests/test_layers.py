"""A file imports only from lower floors; inside a floor only from its own room."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "img2img"

FLOORS = {
    "config": 0,
    "images": 1,
    "networks": 1,
    "adversarial": 1,
    "data": 2,
    "weights": 2,
    "metrics": 2,
    "recipes": 3,
    "apply": 3,
    "training": 4,
    "cli": 5,
}
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE)


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in the file, as an absolute name."""
    package = ["img2img", *path.relative_to(PACKAGE).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = [*base, *(node.module.split(".") if node.module else [])]
            found |= {".".join([*stem, alias.name]) for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down(path):
    room = path.relative_to(PACKAGE).parts[0]
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "img2img" or len(parts) < 2 or parts[1] not in FLOORS:
            continue
        assert parts[1] == room or FLOORS[parts[1]] < FLOORS[room], f"{path.name} of {room} imports {name}"


def test_every_room_has_a_floor():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert rooms <= set(FLOORS), rooms - set(FLOORS)


@pytest.mark.parametrize("path", [path for path in FILES if path.relative_to(PACKAGE).parts[0] == "config"])
def test_the_ground_floor_knows_no_torch(path):
    assert not {name.split(".")[0] for name in imports(path)} & {"torch", "torchvision", "kornia", "numpy"}
