"""Calls of the command line, in this process."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from img2img.cli.app import app


def img2img(*arguments: object) -> Result:
    """The command with these arguments; an unexpected exception is raised here."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)


TINY = ["--size", 32, "--width", 4, "--critic-width", 4, "--critic-layers", 1, "--workers", 0, "--device", "cpu"]
QUIET = ["--no-tensorboard", "--log-every", 2, "--sample-every", 1000, "--save-every", 1000, "--samples", 1]


def train(recipe: str, *options: object, out: Path) -> Result:
    """`img2img train RECIPE` with networks of a few thousand parameters."""
    return img2img("train", recipe, *TINY, *QUIET, "--out", out, *options)


def succeeded(result: Result) -> Result:
    """The result, after asserting that it went well."""
    assert result.exit_code == 0, result.output
    return result
