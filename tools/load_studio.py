"""Load on a studio: many requests by several clients at once; whether any is lost, and what the memory does.

    python tools/load_studio.py --requests 200 --clients 8

Starts `img2img studio` itself, posts a drawn photo to /upscale, and prints what it measured.
"""

from __future__ import annotations

import argparse
import http.client
import io
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from PIL import Image


def main() -> None:
    """Prints requests, losses, seconds, and the server's resident memory at each quarter, MiB."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=200)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--side", type=int, default=64, help="of the photo, px")
    options.add_argument("--model", default="light-x2")
    given = options.parse_args()
    token = secrets.token_urlsafe(24)
    command = [sys.executable, "-m", "img2img", "studio", "--no-browser", "--token", token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        place = urlsplit(server.stdout.readline().strip()).netloc
        try:
            lost, memory, seconds = _load(place, token, given, server.pid)
        finally:
            server.send_signal(signal.SIGINT)
            began = time.monotonic()
            server.wait(30)
    ended = time.monotonic() - began
    print(f"{given.requests} requests by {given.clients} clients: {lost} lost, {seconds:.1f} s")
    print("memory, MiB, at the start and after each quarter:", *(f"{one:.0f}" for one in memory))
    print(f"Ctrl-C ended it in {ended:.2f} s")
    if lost:
        raise SystemExit(1)


def _load(place: str, token: str, given: argparse.Namespace, process: int) -> tuple[int, list[float], float]:
    """(requests without a result, memory, seconds)."""
    boundary, photo = "x" * 30, _photo(given.side)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\n{given.model}\r\n--{boundary}\r\n'
    head += 'Content-Disposition: form-data; name="photo"; filename="photo.png"\r\n\r\n'
    body = head.encode() + photo + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Authorization": f"Bearer {token}"}
    left, lost, lock = [given.requests], [0], threading.Lock()

    def client(count: int) -> None:
        for _ in range(count):
            good = False
            try:
                connection = http.client.HTTPConnection(place, timeout=600)
                connection.request("POST", "/upscale", body, kind)
                answer = connection.getresponse()
                good = answer.status == 200 and answer.read(8) == b"\x89PNG\r\n\x1a\n"
                connection.close()
            except OSError as error:
                print(error, file=sys.stderr)
            with lock:
                left[0] -= 1
                lost[0] += not good

    client(1)  # the model is loaded
    left[0], lost[0] = given.requests, 0
    memory, began = [_memory(process)], time.monotonic()
    for quarter in range(1, 5):
        wanted = given.requests * quarter // 4 - given.requests * (quarter - 1) // 4
        shares = [wanted // given.clients + (number < wanted % given.clients) for number in range(given.clients)]
        clients = [threading.Thread(target=client, args=(share,)) for share in shares]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
        memory.append(_memory(process))
    return lost[0], memory, time.monotonic() - began


def _photo(side: int) -> bytes:
    out = io.BytesIO()
    coarse = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


def _memory(process: int) -> float:
    """Resident, MiB; 0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
