"""A studio that answers at a port of this computer, and requests to it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from img2img.studio.application import Studio, application
from img2img.studio.gallery import Gallery
from img2img.studio.guard import Rules
from img2img.studio.worker import Worker

TOKEN = "a-token-for-tests-0123456789"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Running:
    """A studio, and where it is."""

    port: int
    studio: Studio

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/?token={TOKEN}"

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str | None] | None = None
    ) -> Answer:
        """headers: besides those that a request of the page has; None leaves one of them out."""
        given = {"Host": f"127.0.0.1:{self.port}", "Authorization": f"Bearer {TOKEN}", **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Content-Length": str(len(body)), **given}.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def tell(self, path: str, body: object, method: str = "POST") -> Answer:
        """A request with a JSON body."""
        return self.ask(path, method, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def post(self, path: str, fields: Mapping[str, str | tuple[str, bytes]]) -> Answer:
        """A form: {field: value, or a file's name and content}."""
        kind, body = form(fields)
        return self.ask(path, "POST", body, {"Content-Type": kind})

    def done(self, job: int) -> Any:
        """A job's facts when it has ended."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            facts = self.ask(f"/api/jobs/{job}").json
            if facts["state"] not in ("waiting", "running"):
                return facts
            time.sleep(0.05)
        raise TimeoutError(job)


def form(fields: Mapping[str, str | tuple[str, bytes]]) -> tuple[str, bytes]:
    """The content type and the body of a multipart form."""
    boundary, parts = uuid.uuid4().hex, []
    for name, value in fields.items():
        filename, content = value if isinstance(value, tuple) else (None, value.encode())
        more = f'; filename="{filename}"' if filename is not None else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts) + f"--{boundary}--\r\n".encode()


@contextmanager
def running(
    folder: Path, *sources: Path, max_pixels: int = 10**7, most: int = 10**7, keep: int = 40
) -> Iterator[Running]:
    """A studio with these photos open. folder: for its copies and results; runs lie in its `runs`. most: bytes."""
    gallery = Gallery(folder / "dropped", max_pixels)
    gallery.open_sources([str(source) for source in sources])
    studio = Studio(gallery, Worker(folder / "results", keep), folder / "runs", "cpu")
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    app = application(studio, Rules(TOKEN, "127.0.0.1", most))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield Running(listening.getsockname()[1], studio)
    finally:
        studio.worker.end(5)
        server.should_exit = server.force_exit = True
        thread.join(10)
        listening.close()
