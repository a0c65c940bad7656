"""`img2img`: the table of its commands. A command's module is imported when it is called, never for `--help`."""

from __future__ import annotations

import codecs
import importlib
import os
import signal
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from .errors import refusals

COMMANDS = {
    "train": "Train a model: to translate pictures, enlarge them, fill holes, or draw new ones.",
    "upscale": "Enlarge photos.",
    "inpaint": "Fill holes in photos.",
    "mask": "Mark holes in photos by shapes, and write the masks.",
    "translate": "Convert photos from one domain to another with a trained model.",
    "show": "Put before and after on a page with a slider.",
    "studio": "Open photos on a page in the browser: paint, fill, enlarge, compare.",
    "sample": "Draw pictures with a trained generator.",
    "evaluate": "Measure results, or a model, against true pictures: sr, inpaint, translate, gan, images.",
    "data": "Look at training data: check it, preview its augmentation, draw masks.",
    "weights": "List, inspect, import and export weights files.",
}
"""Command -> help; its typer app is `img2img.cli.COMMAND.app`."""


class LazyGroup(TyperGroup):
    """Knows every command's name and help without its module."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, help_text in COMMANDS.items():
            self.add_command(TyperGroup(name=name, help=help_text))

    def invoke(self, ctx: Any) -> Any:
        """The one place where what a person can act on becomes a line and an exit code, for every command."""
        with refusals():
            return super().invoke(ctx)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The real command behind the name that was called."""
        name, stub, rest = super().resolve_command(ctx, args)
        if stub is None or name not in COMMANDS:
            return name, stub, rest
        command = typer.main.get_command(importlib.import_module(f"img2img.cli.{name}").app)
        command.name, command.help = name, stub.help if isinstance(command, TyperGroup) else command.help
        return name, command, rest


app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, add_completion=True, context_settings={"help_option_names": ["-h", "--help"]}
)


def _version(wanted: bool) -> None:
    if wanted:
        from img2img import __version__

        print(f"img2img {__version__}")
        raise typer.Exit


@app.callback()
def img2img(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, metavar="", help="Print the version and exit."
    ),
) -> None:
    """Image-to-image GANs: train them on your pictures, apply them to your photos."""


def main() -> None:
    """The entry point of the `img2img` command."""
    # Read when torch is imported. Threads that wait by spinning starve each other where others compute, too: with two
    # threads on two busy cores light-x4 took 38 s and 5.7 s of CPU, with waiting ones 7.1 s and 1.0 s.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    codecs.register_error("img2img-names", _bytes_of_names)
    for stream in (sys.stdout, sys.stderr):  # names of any script must print, whatever the locale
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace" if stream.isatty() else "img2img-names")
    try:
        app()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # one more Ctrl-C, while threads end, is no reason for a trace


def _bytes_of_names(error: UnicodeError) -> tuple[str | bytes, int]:
    """The bytes of a file's name that are no UTF-8 (PEP 383) as they are, for scripts; else as \\u1234."""
    if isinstance(error, UnicodeEncodeError):
        letters = error.object[error.start : error.end]
        if all("\udc80" <= letter <= "\udcff" for letter in letters):
            return bytes(ord(letter) - 0xDC00 for letter in letters), error.end
    return codecs.backslashreplace_errors(error)
