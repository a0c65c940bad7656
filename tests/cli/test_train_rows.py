"""The table of `img2img train`: every row leads to the recipe that it names, without torch until it is called."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

from img2img.cli.train import COMMANDS, Command
from img2img.recipes.kind import Kind

PACKAGE = Path(__file__).parents[2] / "img2img"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_row_and_its_recipe_are_of_one_mind(command: Command) -> None:
    kind = import_module(f"img2img.recipes.{command.module}").KIND
    assert isinstance(kind, Kind)
    assert (kind.name, kind.config) == (command.name, command.config)
    assert list(signature(kind.recipe).parameters) == ["config", "sides"]


def test_every_recipe_with_a_kind_has_a_row() -> None:
    files = [path for path in (PACKAGE / "recipes").glob("*.py") if "\nKIND = " in path.read_text(encoding="utf-8")]
    assert {path.stem for path in files} == {command.module for command in COMMANDS}


def test_help_needs_no_torch() -> None:
    script = "import sys, img2img.cli.train; assert not {'torch', 'kornia', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_tools_train_without_the_command_line() -> None:
    tool = (PACKAGE.parent / "tools" / "weights_ways.py").read_text(encoding="utf-8")
    assert "img2img.cli" not in tool
