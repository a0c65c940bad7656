"""What a person can act on is one line and its exit code; a bug shows its trace."""

from __future__ import annotations

import pytest
import typer

from img2img.apply.engine.forward import NotFiniteError
from img2img.cli.errors import refusals
from img2img.config.base import Refusal, UserError
from img2img.config.toml import ConfigError
from img2img.data.folders.errors import DataError
from img2img.data.loading.workers import WorkerDied
from img2img.images import ImageError
from img2img.training.ends import CannotSave, Diverged, Stopped
from img2img.training.folder.checkpoint import CheckpointError
from img2img.training.folder.logs import LogError
from img2img.weights.errors import WeightsError

CODES = {Refusal: 2, ConfigError: 2, DataError: 2, ImageError: 2, CheckpointError: 2, WeightsError: 2}
CODES |= {NotFiniteError: 1, CannotSave: 1, Diverged: 1, Stopped: 1, WorkerDied: 1, LogError: 2}


@pytest.mark.parametrize(("kind", "code"), CODES.items())
def test_every_error_of_ours_is_a_line_and_a_code(kind, code, capsys):
    assert issubclass(kind, UserError)
    with pytest.raises(typer.Exit) as ended, refusals():
        raise kind("a.jpg: 3; allowed: 1 to 2")
    assert ended.value.exit_code == code and capsys.readouterr().err == "error: a.jpg: 3; allowed: 1 to 2\n"


def test_files_are_named(capsys, tmp_path):
    with pytest.raises(typer.Exit) as ended, refusals():
        (tmp_path / "gone").read_bytes()
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'gone'}: No such file or directory\n"


@pytest.mark.parametrize("bug", [ValueError("of torch"), KeyError("x"), ArithmeticError("y")])
def test_a_bug_is_not_hidden(bug):
    with pytest.raises(type(bug)), refusals():
        raise bug
