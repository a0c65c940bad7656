"""Every call of img2img in the documents is one that the program understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from img2img.cli.app import COMMANDS, app

ROOT = Path(__file__).parents[1]


def calls() -> list[str]:
    """The lines of code blocks that begin with img2img, continued lines joined, without comments and prompts."""
    found = []
    for document in ("README.md", "examples/README.md"):
        for block in re.findall(r"```\w*\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                for part in line.split("&&"):
                    words = part.split("#")[0].strip().removeprefix(".venv/bin/")
                    if words.startswith("img2img ") and "…" not in words:
                        found.append(words)
    return sorted(set(found))


@pytest.mark.parametrize("call", calls())
def test_the_program_understands_it(call):
    root = typer.main.get_command(app)
    _, *words = shlex.split(call)
    context = typer.Context(root)
    while hasattr(root, "resolve_command"):
        context = typer.Context(root, parent=context, info_name=words[0])
        _, root, words = root.resolve_command(context, words)
    made = root.make_context(call, list(words))
    assert made.command is root and words != ["--help"]


def test_there_are_calls_of_every_kind_of_command():
    assert {call.split()[1] for call in calls()} >= set(COMMANDS) - {"train"}
