"""What the page asks for: photos, views of them, jobs, and saving."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from img2img import __version__
from img2img.config.apply import InpaintConfig

from .asked import config_of
from .command_line import command_line
from .faults import Fault, in_a_line
from .gallery import Gallery, OpenPhoto
from .offered import as_dicts, offers
from .painting import shapes_of, write_mask
from .saving import mask_path, save_beside
from .views import SIDE, Views
from .worker import Order, Stopped, Task, Worker

LARGEST_REQUEST = 16 * 10**6
"""Of what is no photo, bytes."""


@dataclass(frozen=True, eq=False)
class PageRoutes:
    """The requests of the page; a photo and a job are named by their numbers alone."""

    gallery: Gallery
    worker: Worker
    views: Views
    runs: Path
    device: str

    def routes(self) -> list[Route]:
        """All of them."""
        photo, job = "/api/photos/{number:int}", "/api/jobs/{number:int}"
        return [
            Route("/api/state", self.state),
            Route("/api/photos", self.take, methods=["POST"]),
            Route(photo, self.close, methods=["DELETE"]),
            Route(f"{photo}/view", self.view_photo),
            Route(f"{photo}/pick", self.pick, methods=["POST"]),
            Route("/api/jobs", self.start, methods=["POST"]),
            Route(job, self.look),
            Route(job, self.cancel, methods=["DELETE"]),
            Route(f"{job}/view", self.view_result),
            Route(f"{job}/file", self.download),
            Route(f"{job}/save", self.save, methods=["POST"]),
        ]

    async def state(self, request: Request) -> Response:
        models = await asyncio.to_thread(offers, self.runs)
        photos = [photo.facts() for photo in self.gallery.all()]
        return JSONResponse({"version": __version__, "photos": photos, "models": as_dicts(models)})

    async def take(self, request: Request) -> Response:
        photo = await self.gallery.take(request.query_params.get("name", "photo"), request.stream())
        return JSONResponse(photo.facts(), 201)

    async def close(self, request: Request) -> Response:
        self.gallery.close(_number(request))
        self.views.forget()
        return Response(status_code=204)

    async def view_photo(self, request: Request) -> Response:
        return await self._view(self.gallery.photo(_number(request)).path, request, result=False)

    async def view_result(self, request: Request) -> Response:
        return await self._view(_made(self.worker.task(_number(request))).path, request, result=True)

    async def _view(self, path: Path, request: Request, result: bool) -> Response:
        side = _whole_number(request.query_params.get("side", str(SIDE)), "side", 1)
        box = request.query_params.get("box")
        if box is None:
            content = await asyncio.to_thread(self.views.whole, path, side, result)
        else:
            numbers = [_whole_number(part, "box", 0) for part in box.split(",")]
            if len(numbers) != 4:
                raise Fault(422, "box: left,top,width,height, px")
            left, top, width, height = numbers
            content = await asyncio.to_thread(self.views.part, path, (left, top, width, height), side, result)
        return Response(content, media_type="image/jpeg")

    async def pick(self, request: Request) -> Response:
        photo, asked = self.gallery.photo(_number(request)), await _json(request)
        x, y = (asked.get(name) for name in "xy")
        if not isinstance(x, int | float) or not isinstance(y, int | float) or not abs(x) + abs(y) < 1e9:
            raise Fault(422, "x and y: numbers, px")
        return JSONResponse({"outlines": await asyncio.to_thread(self.views.picked, photo.path, x, y)})

    async def start(self, request: Request) -> Response:
        asked = await _json(request)
        photo = self.gallery.photo(asked.get("photo", 0))
        options = asked.get("options", {})
        if not isinstance(options, dict) or not all(isinstance(v, str | int | float | None) for v in options.values()):
            raise Fault(422, "options: an object of names and values")
        task = await asyncio.to_thread(self._submit, photo, str(asked.get("task")), options, asked.get("painted", []))
        return JSONResponse(self._facts(task), 202)

    def _submit(self, photo: OpenPhoto, name: str, options: Mapping[str, Any], painted: object) -> Task:
        shapes = shapes_of(painted) if name == "inpaint" else []
        shown = mask_path(Path(photo.name) if not photo.own else photo.path)
        source = str(photo.path) if photo.own else photo.name
        config = config_of(name, options, self.runs, self.device, source, str(shown) if name == "inpaint" else None)
        folder = self.worker.new_folder()
        mask = folder / "painted.png" if isinstance(config, InpaintConfig) else None
        if mask:
            write_mask(shapes, photo.width, photo.height, mask)
        return self.worker.submit(
            Order(config, photo.path, mask, folder, self.gallery.max_pixels, copies=not photo.own)
        )

    async def look(self, request: Request) -> Response:
        return JSONResponse(self._facts(self.worker.task(_number(request))))

    async def cancel(self, request: Request) -> Response:
        task = self.worker.task(_number(request))
        self.worker.cancel(task)
        return JSONResponse(self._facts(task))

    async def download(self, request: Request) -> Response:
        made = _made(self.worker.task(_number(request)))
        return FileResponse(made.path, filename=made.path.name)

    async def save(self, request: Request) -> Response:
        task, asked = self.worker.task(_number(request)), await _json(request)
        own = {photo.path for photo in self.gallery.all() if photo.own}
        if task.order.photo not in own:
            raise Fault(409, "a photo that was dropped has no place on this disk: download its result")
        paths = await asyncio.to_thread(save_beside, task.order, _made(task), asked.get("overwrite") is True)
        return JSONResponse({"saved": [str(path) for path in paths]})

    def _facts(self, task: Task) -> dict[str, object]:
        """For the page."""
        facts: dict[str, object] = {
            "id": task.number,
            "state": task.state,
            "share": round(task.share, 4),
            "seconds_left": task.seconds_left,
            "command": command_line(task.order.config),
        }
        if task.state == "failed":
            facts["error"] = in_a_line(task.made.exception() or Fault(500, ""))
        if task.state == "done":
            made = task.made.result()
            facts |= {"name": made.path.name, "width": made.report.width, "height": made.report.height}
            facts |= {"note": made.report.note, "seconds": round(made.report.seconds, 2)}
        return facts


def _number(request: Request) -> int:
    return int(request.path_params["number"])


def _whole_number(text: str, name: str, least: int) -> int:
    if not text.isdigit() or len(text) > 9 or int(text) < least:
        raise Fault(422, f"{name}: whole numbers from {least}, px")
    return int(text)


async def _json(request: Request) -> dict[str, Any]:
    """The body, an object. Raises Fault 413, 415, 422."""
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise Fault(415, "a body of application/json is wanted")
    if int(request.headers.get("content-length", "0")) > LARGEST_REQUEST:
        raise Fault(413, "too many strokes for one request")
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Fault(422, "the body is no JSON object")
    return found


def _made(task: Task) -> Any:
    """What came of a task. Raises Fault 409 where nothing did."""
    if not task.made.done() or isinstance(task.made.exception(), Stopped) or task.made.exception():
        raise Fault(409, f"this job is {task.state}, and has no result")
    return task.made.result()
