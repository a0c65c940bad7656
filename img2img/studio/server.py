"""Serves a studio until Ctrl-C: a socket, the application, a folder for copies and results."""

from __future__ import annotations

import errno
import os
import secrets
import socket
import sys
import tempfile
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import uvicorn

from img2img.config.base import Refusal
from img2img.config.printable import printable
from img2img.config.studio import PORT, StudioConfig
from img2img.machine import choose_device

from .application import Studio, application
from .gallery import Gallery
from .guard import Rules
from .worker import Worker

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 0.5
"""Seconds that a job may take to stop; then the process ends all the same, as results appear by rename."""


def serve(config: StudioConfig) -> NoReturn:
    """`img2img studio`, until Ctrl-C; then the process ends.

    Raises Refusal for an address that is not to be had, or not without a token.
    """
    serving = config.serving
    if serving.host not in LOOPBACK and serving.token is None:
        raise Refusal(f"--host {serving.host}: other computers reach it, so that it wants a --token of your choice")
    choose_device(config.computing.device)
    token = serving.token or secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="img2img-studio-", ignore_cleanup_errors=True) as folder:
        gallery = Gallery(Path(folder) / "dropped", config.photos.max_pixels)
        troubles = gallery.open_sources(config.photos.sources)
        worker = Worker(Path(folder) / "results")
        studio = Studio(gallery, worker, config.photos.runs, config.computing.device)
        listening = _listen(serving.host, serving.port)
        rules = Rules(token, serving.host, config.photos.max_megabytes * 10**6)
        for line in troubles:
            print(f"left out: {printable(line)}", file=sys.stderr)
        _run(listening, studio, rules, serving.browser)
        worker.end(_PATIENCE)
    # Python takes 3 s and more to clear torch away, and a thread in the middle of C++ code would end in a trace.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _run(listening: socket.socket, studio: Studio, rules: Rules, browser: bool) -> None:
    host, port = rules.host, listening.getsockname()[1]
    shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/?token={rules.token}"
    print(address, flush=True)
    print("Ctrl-C ends it.", file=sys.stderr, flush=True)
    settings = uvicorn.Config(
        application(studio, rules),
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=0,
        lifespan="off",
        ws="none",
    )
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        uvicorn.Server(settings).run(sockets=[listening])


def _listen(host: str, port: int | None) -> socket.socket:
    """A socket at the port; where none is asked for, at `PORT` or a free one. Raises Refusal."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in [port] if port else [PORT, 0]:
        listening = socket.socket(family, socket.SOCK_STREAM)
        if os.name != "nt":  # where it would let two programs listen at one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, wanted))
            listening.listen(128)
            return listening
        except OSError as error:
            listening.close()
            if error.errno == errno.EADDRINUSE and port is None and wanted:
                continue
            where = f"--port {wanted}" if error.errno in (errno.EADDRINUSE, errno.EACCES) else f"--host {host}"
            raise Refusal(f"{where}: {(error.strerror or str(error)).lower()}") from None
    raise AssertionError
