"""A file imports only from lower floors, on a floor only from its own room; in a room no import runs in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "img2img"

FLOORS = {
    "disk": -1,
    "config": 0,
    "run_progress": 0,
    "fastest": 0,
    "machine": 1,
    "images": 1,
    "networks": 1,
    "adversarial": 1,
    "data": 2,
    "weights": 2,
    "metrics": 2,
    "recipes": 3,
    "apply": 3,
    "training": 4,
    "studio": 5,
    "cli": 6,
}
OUTSIDE = {"__init__.py", "__main__.py"}
"""The package's own face, above every floor."""
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.name not in OUTSIDE)
ROOMS = sorted(path for path in PACKAGE.rglob("*") if path.is_dir() and any(path.glob("*.py")))


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
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "img2img" or len(parts) < 2 or parts[1] not in FLOORS:
            continue
        assert parts[1] == room or FLOORS[parts[1]] < FLOORS[room], f"{path.name} of {room} imports {name}"


def test_every_room_has_a_floor():
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in FILES}
    assert rooms == set(FLOORS), rooms ^ set(FLOORS)


@pytest.mark.parametrize("room", [room for room in ROOMS if room != PACKAGE], ids=lambda room: room.name)
def test_no_import_inside_a_room_runs_back_up(room):
    """Files and inner rooms can be put in an order in which each imports only from those before it."""
    name = ".".join(["img2img", *room.relative_to(PACKAGE).parts])
    needs: dict[str, set[str]] = {}
    for path in room.rglob("*.py"):
        here = path.relative_to(room).parts[0].removesuffix(".py")
        within = {
            other.removeprefix(f"{name}.").split(".")[0] for other in imports(path) if other.startswith(f"{name}.")
        }
        known = {part for part in within if (room / part).is_dir() or (room / f"{part}.py").exists()}
        needs.setdefault(here, set()).update(known - {here})
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(f"{name}: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("path", [path for path in FILES if path.relative_to(PACKAGE).parts[0] in ("config", "disk")])
def test_the_ground_floor_knows_no_torch(path):
    assert not {name.split(".")[0] for name in imports(path)} & {"torch", "torchvision", "kornia", "numpy"}
