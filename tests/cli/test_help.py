"""Help pages at 80 columns: every option whole, with what it takes and its default; nothing that does not apply."""

from __future__ import annotations

import re

import pytest
import typer
from support.running import img2img
from typer.testing import CliRunner

from img2img.cli.app import COMMANDS, app
from img2img.cli.help_texts import help_text
from img2img.cli.options import unresolved_command_from
from img2img.config.data_commands import PreviewConfig
from img2img.config.sections.run import Run
from img2img.config.sections.two_phases import LongRun

WIDTH = 80


def commands() -> dict[tuple[str, ...], object]:
    """Every command that does something, by the words that call it."""
    root, found = typer.main.get_command(app), {}
    for name in COMMANDS:
        _, command, _ = root.resolve_command(typer.Context(root), [name])
        inner = getattr(command, "commands", None)
        found |= {(name, word): one for word, one in inner.items()} if inner else {(name,): command}
    return found


FOUND = commands()


def page(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("TERMINAL_WIDTH", str(WIDTH))
    result = img2img(*words, "--help")
    assert result.exit_code == 0
    return result.stdout


def flat(text: str) -> str:
    """The words of a page in their order; of a table's first columns only the first line is not blank."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize("words", FOUND, ids=" ".join)
def test_every_name_and_text_is_whole(words, monkeypatch):
    text = page(words, monkeypatch)
    assert max(map(len, text.splitlines())) <= WIDTH and "…" not in text
    told = flat(text)
    for parameter in FOUND[words].params:
        if not getattr(parameter, "hidden", False) and isinstance(parameter, typer.core.TyperOption):
            for name in [*parameter.opts, *parameter.secondary_opts]:
                assert re.search(rf"(?<!\S){name}(?!\S)", told), name
        assert flat((parameter.help or "").replace("\\[", "[")) in told, parameter.name


@pytest.mark.parametrize("words", FOUND, ids=" ".join)
def test_what_has_to_be_given_stands_first_in_its_group(words):
    panels: dict[str, list[bool]] = {}
    for parameter in FOUND[words].params:
        panel = str(getattr(parameter, "rich_help_panel", None))
        panels.setdefault(panel, []).append(parameter.required or (parameter.help or "").endswith("[required]"))
    for needed in panels.values():
        assert needed == sorted(needed, reverse=True)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ([], {}),
        (["--flip"], {"flip": True}),
        (["--no-flip", "--rotate", "0"], {"flip": False, "rotate": 0.0}),
    ],
)
def test_only_what_is_given_reaches_the_config(given, made):
    seen = {}
    small = typer.Typer()
    small.command()(unresolved_command_from(PreviewConfig, lambda overrides, *_: seen.update(overrides)))
    assert CliRunner().invoke(small, given, catch_exceptions=False).exit_code == 0
    assert seen.get("data", {}) == made


def test_a_switch_and_its_opposite_are_refused(domains):
    result = img2img("data", "preview", "--images", domains[0], "--flip", "--no-flip")
    assert result.exit_code == 2 and "--flip and its opposite: give one of them" in result.stderr


@pytest.mark.parametrize("words", FOUND, ids=" ".join)
def test_completion_is_offered_by_the_program_alone(words, monkeypatch):
    assert "completion" not in page(words, monkeypatch)


def test_the_program_offers_completion_and_its_commands(monkeypatch):
    told = page((), monkeypatch)
    assert "--install-completion" in told and all(name in told for name in COMMANDS)


@pytest.mark.parametrize(
    ("words", "foreign"),
    [
        (("data", "check"), ["--rotate", "--flip", "--jpeg", "--load-size", "--workers", "--grow"]),
        (("data", "masks"), ["--grow"]),
        (("evaluate", "inpaint"), ["--grow"]),
    ],
)
def test_what_does_not_apply_is_not_offered(words, foreign, monkeypatch):
    told = page(words, monkeypatch).split()
    assert not set(foreign) & set(told)
    assert img2img(*words, foreign[0], 1).exit_code == 2


@pytest.mark.parametrize("words", [("train", "pix2pix"), ("train", "srgan"), ("data", "check")])
def test_where_the_data_lies_is_said_before_anything_else_of_it(words, monkeypatch):
    panel = page(words, monkeypatch).split("─ Data ─")[1]
    assert re.search(r"--[\w-]+", panel).group() in ("--pairs", "--images")


def test_how_long_a_run_is_stands_in_its_help() -> None:
    """200 passes, or 100 000 steps where a picture is seen in part."""
    epochs = {kind: help_text("epochs", kind.model_fields["epochs"]) for kind in (Run, LongRun)}
    assert "[default: 200]" in epochs[Run] and "[default" not in epochs[LongRun]
    assert "[default: 100000]" in help_text("steps", LongRun.model_fields["steps"])
    assert Run().length(7) == 1400 and LongRun().length(7) == 100_000
