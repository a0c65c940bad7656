"""Who is answered: this computer's own pages and scripts that know the token, with bodies of bounded size.

A page of another site can make the browser send requests here, under a name of its own that leads to this address
(DNS rebinding) or across origins: the first has another Host, the second another Origin.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import Fault

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
WITHOUT_TOKEN = ("/static/", "/health")
"""Paths that hold nothing of anybody."""
_LOCAL = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Rules:
    """token: what requests must hold. host: the address that the server listens at. most: of a body, bytes."""

    token: str
    host: str
    most: int

    def knows(self, name: str) -> bool:
        """Whether a Host header's name may mean this server: no name that somebody else may have given it."""
        if self.host in ("0.0.0.0", "::"):
            return name in _LOCAL or _is_address(name) or name == socket.gethostname().lower()
        return name in _LOCAL | {self.host.lower()}


class Guard:
    """ASGI middleware: refuses what the rules do not allow, before anything of it is read, and adds `HEADERS`."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name.decode().lower() not in HEADERS]
                added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": kept + added}
            await send(message)

        try:
            self._check(scope)
            await self._app(scope, _bounded(receive, self._rules.most), send_with_headers)
        except Fault as fault:
            await _refuse(send_with_headers, fault)

    def _check(self, scope: Scope) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get("host", "")
        name, port = _split(host)
        if not self._rules.knows(name) or port != (scope.get("server") or ("", 0))[1]:
            raise Fault(403, f"Host {host[:100]!r} is not this studio's")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}".lower(), f"https://{host}".lower()):
            raise Fault(403, f"Origin {origin[:100]!r} is not this studio's")
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise Fault(403, "a request of another site's page")
        if not scope["path"].startswith(WITHOUT_TOKEN) and not self._has_token(headers, scope):
            raise Fault(401, "no token, or a wrong one: open the address that `img2img studio` has printed")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._rules.most:
            raise Fault(413, _too_large(self._rules.most))

    def _has_token(self, headers: dict[str, str], scope: Scope) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        if not given:
            given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return hmac.compare_digest(given.encode(), self._rules.token.encode())


def _split(host: str) -> tuple[str, int]:
    """A Host header's name, without a literal's brackets, and its port."""
    name, colon, port = host.rpartition(":")
    if not colon or port.endswith("]"):
        name, port = host, "80"
    return name.strip("[]").lower(), int(port) if port.isdigit() else 0


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _too_large(most: int) -> str:
    return f"more than --max-megabytes {most // 10**6} allows"


def _bounded(receive: Receive, most: int) -> Receive:
    """The body, as long as it is no longer than `most` bytes. Raises Fault 413."""
    got = 0

    async def counted() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > most:
            raise Fault(413, _too_large(most))
        return message

    return counted


async def _refuse(send: Send, fault: Fault) -> None:
    body = json.dumps({"error": str(fault)}).encode()
    headers: Iterable[tuple[bytes, bytes]] = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),  # what is left of the body is not read
    ]
    await send({"type": "http.response.start", "status": fault.status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
