"""The command itself: its address, a second one beside it, its end."""

from __future__ import annotations

import http.client
import importlib.util
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.running import img2img

from img2img.config.base import Refusal
from img2img.config.studio import PORT
from img2img.studio.server import _listen


def test_a_second_one_takes_a_free_port() -> None:
    with _listen("127.0.0.1", None) as first, _listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1] != PORT


def test_a_port_that_was_asked_for_is_that_or_none() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Refusal, match=f"--port {port}: address already in use"):
            _listen("127.0.0.1", port)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0: other computers reach it, so that it wants a --token"),
        (["--token", "short"], "--token short: allowed: 16 to 128"),
        (["--port", "0"], "--port 0:"),
        (["nothing.jpg"], "nothing.jpg: no such file or folder"),
        (["--host", "999.1.1.1", "--token", "x" * 20], "--host 999.1.1.1:"),
    ],
)
def test_wrong_usage_is_one_line(options: list[str], said: str) -> None:
    result = img2img("studio", "--no-browser", *options)
    assert result.exit_code == 2 and said in result.stderr and len(result.stderr.splitlines()) == 1, result.stderr


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "uvicorn" else find(name))
    result = img2img("studio")
    assert result.exit_code == 2
    assert result.stderr == "error: studio wants uvicorn, an extra: pip install 'img2img-gan[studio]'\n"


@pytest.mark.slow
def test_ctrl_c_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "img2img", "studio", "--no-browser", "--device", "cpu"]
    root = Path(__file__).parents[2]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout and process.stderr
        address = urlsplit(process.stdout.readline().strip())
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        connection.request("GET", f"/?{address.query}")  # kept alive: it must not hold the end up
        assert connection.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert process.wait(10) == 0
        assert time.monotonic() - began < 5, "1 s where the machine is not busy"
        assert "Traceback" not in process.stderr.read()
    assert not list(tmp_path.glob("img2img-studio-*"))
