"""The studio as an ASGI application: routes behind the guard, and what goes wrong as one line of JSON."""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from img2img.config.base import UserError
from img2img.images.opening import TooManyPixels

from .faults import Fault, in_a_line
from .gallery import Gallery
from .guard import Guard, Rules
from .page_routes import PageRoutes
from .script_routes import ScriptRoutes
from .views import Views
from .worker import Stopped, Worker

HERE = Path(__file__).parent
STATIC = {"studio.css": "text/css", "studio.js": "text/javascript"}


@dataclass(frozen=True, eq=False)
class Studio:
    """What a studio consists of."""

    gallery: Gallery
    worker: Worker
    runs: Path
    device: str


def application(studio: Studio, rules: Rules) -> ASGIApp:
    """The application that a server runs."""
    gallery, worker = studio.gallery, studio.worker
    page = PageRoutes(gallery, worker, Views(gallery.max_pixels), studio.runs, studio.device)
    scripts = ScriptRoutes(worker, studio.runs, studio.device, gallery.max_pixels)
    own = [Route("/", _page), Route("/static/{name}", _static)]
    handlers = {UserError: _refused, OSError: _refused, HTTPException: _http, Stopped: _stopped, Exception: _crashed}
    app = Starlette(routes=[*own, *page.routes(), *scripts.routes()], exception_handlers=handlers)  # type: ignore[arg-type]
    return Guard(app, rules)


async def _page(request: Request) -> Response:
    return FileResponse(HERE / "page.html", media_type="text/html")


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        raise Fault(404, "no such file")
    return FileResponse(HERE / name, media_type=STATIC[name])


def _error(status: int, line: str) -> Response:
    return JSONResponse({"error": line}, status)


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, Fault):
        return _error(error.status, in_a_line(error))
    return _error(413 if isinstance(error, TooManyPixels) else 422, in_a_line(error))


async def _http(request: Request, error: HTTPException) -> Response:
    return _error(422 if error.status_code == 400 else error.status_code, error.detail)


async def _stopped(request: Request, error: Exception) -> Response:
    return _error(503, "the job was stopped")


async def _crashed(request: Request, error: Exception) -> Response:
    if not isinstance(error, ClientDisconnect):
        traceback.print_exception(error, file=sys.stderr)
    return _error(500, in_a_line(error))
