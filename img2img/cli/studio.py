"""`img2img studio [SOURCES…]`."""

from __future__ import annotations

import importlib.util

import typer

from img2img.config.base import Refusal
from img2img.config.studio import StudioConfig

from .options import command_from

app = typer.Typer(add_completion=False)

NEEDED = {"starlette": "starlette", "uvicorn": "uvicorn", "python_multipart": "python-multipart"}
"""Module -> package of the extra."""
HELP = (
    "Open photos on a page in the browser: paint over what is to go, enlarge, translate, compare before and after.\n\n"
    "The page is served by this computer to itself alone, at an address that holds a secret; nothing is fetched from "
    "elsewhere. Results are saved beside the photos, as the commands put them there. Scripts may POST photos to "
    "/upscale, /inpaint and /translate; /openapi.json describes them. Ctrl-C ends it."
)


def studio(config: StudioConfig) -> None:
    """`img2img studio`."""
    lacking = [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]
    if lacking:
        raise Refusal(f"studio wants {', '.join(lacking)}, an extra: pip install 'img2img-gan[studio]'")
    from img2img.studio.server import serve

    serve(config)


app.command(help=HELP)(command_from(StudioConfig, studio))
