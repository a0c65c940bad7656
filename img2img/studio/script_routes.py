"""POST /upscale, /inpaint, /translate: a photo and options go in, the result comes back. For scripts."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from img2img import __version__
from img2img.images import FORMATS, ImageError, probe
from img2img.images.opening import TooManyPixels

from .asked import CONFIGS, config_of
from .faults import Fault
from .gallery import named_by_content, plain_name
from .openapi import document
from .worker import Order, Task, Worker

FILES = ("photo", "mask")
"""Fields that hold a picture."""
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif", "TIFF": "image/tiff"}
_FIELDS = 64


@dataclass(frozen=True, eq=False)
class ScriptRoutes:
    """The commands over HTTP."""

    worker: Worker
    runs: Path
    device: str
    max_pixels: int

    def routes(self) -> list[Route]:
        """All of them."""
        commands = [Route(f"/{task}", partial(self.convert, task), methods=["POST"]) for task in CONFIGS]
        return [*commands, Route("/openapi.json", self.describe), Route("/health", self.health)]

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__, **self.worker.counts()})

    async def describe(self, request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(document))

    async def convert(self, task: str, request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != "multipart/form-data":
            raise Fault(415, "a body of multipart/form-data is wanted, with a field photo that holds the file")
        folder = self.worker.new_folder()
        try:
            try:
                async with request.form(max_files=len(FILES), max_fields=_FIELDS) as form:
                    order = await asyncio.to_thread(self._order, task, form, folder)
            except MultiPartException as error:
                raise Fault(422, f"no multipart/form-data: {error.message}") from None
            started = self.worker.submit(order)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return await self._answer(started)

    async def _answer(self, started: Task) -> Response:
        try:
            made = await asyncio.wrap_future(started.made)
            content = await asyncio.to_thread(made.path.read_bytes)
        except BaseException:
            self.worker.cancel(started)
            raise
        finally:
            if started.made.done():
                self.worker.forget(started)
        kind = _TYPES[FORMATS[made.path.suffix.lower()]]
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(made.path.name)}"}
        if made.report.note:
            headers["x-img2img-note"] = quote(made.report.note, safe=" ,;:()%/.")
        return Response(content, media_type=kind, headers=headers)

    def _order(self, task: str, form: FormData, folder: Path) -> Order:
        """What a form asks for. Raises Fault 413, 415, 422, ConfigError."""
        values, files = _parted(form)
        if "photo" not in files:
            raise Fault(422, "photo is required: a field that holds the file")
        if "mask" in files and task != "inpaint":
            raise Fault(422, f"mask: {task} takes none")
        photo, mask = (self._kept(files.get(name), folder / name) for name in FILES)
        assert photo is not None
        marked = "mask" if mask else None
        if form.get("mask") == "alpha" and task == "inpaint":
            marked = "alpha"
            values.pop("mask", None)
        config = config_of(task, values, self.runs, self.device, photo.name, marked)
        return Order(config, photo, mask, folder, self.max_pixels, copies=True)

    def _kept(self, upload: UploadFile | None, folder: Path) -> Path | None:
        """An uploaded picture as a file. Raises Fault 413 for too many pixels, 415 for what is no picture."""
        if upload is None:
            return None
        folder.mkdir()
        path = folder / plain_name(upload.filename or "photo")
        try:
            with path.open("xb") as file:
                shutil.copyfileobj(upload.file, file)
            path = named_by_content(path)
            probe(path, max_pixels=self.max_pixels)
        except TooManyPixels as error:
            raise Fault(413, _named(error, path)) from None
        except ImageError as error:
            raise Fault(415, _named(error, path)) from None
        return path


def _parted(form: FormData) -> tuple[dict[str, str | list[str]], dict[str, UploadFile]]:
    """{option: value, or values where there are several}, {field: file}. Raises Fault 422."""
    values: dict[str, str | list[str]] = {}
    files: dict[str, UploadFile] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name not in FILES or name in files:
                raise Fault(422, f"{name[:100]}: allowed: one file each in {' and '.join(FILES)}")
            files[name] = value
        elif name in values:
            before = values[name]
            values[name] = [*([before] if isinstance(before, str) else before), value]
        else:
            values[name] = value
    return values, files


def _named(error: Exception, path: Path) -> str:
    """The command's line, without the folder of which the caller knows nothing."""
    return str(error).replace(f"{path.parent}/", "")
