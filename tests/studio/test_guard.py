"""Each thing that is not allowed is a request that is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.drawing import draw
from support.studio import TOKEN, Running, running

from img2img.config.base import sections
from img2img.studio.asked import CONFIGS, options_of


def png(height: int = 20, width: int = 30) -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw(0, height, width, 3)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("studio")
    (folder / "photo.png").write_bytes(png())
    (folder / "secret.png").write_bytes(png())
    with running(folder / "work", folder / "photo.png", max_pixels=10_000, most=100_000) as found:
        yield found


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Authorization": None}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Host": "evil.example:PORT"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": "127.0.0.1:1"}, 403),
        ({"Host": "127.0.0.1.evil.example:PORT"}, 403),
        ({"Host": "192.168.0.7:PORT"}, 403),
        ({"Host": "localhost:PORT"}, 200),
        ({"Host": None}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "http://127.0.0.1:PORT"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
    ids=str,
)
def test_who_is_answered(studio: Running, headers: dict[str, str | None], status: int) -> None:
    given = {name: value and value.replace("PORT", str(studio.port)) for name, value in headers.items()}
    if given.get("Host", "") is None:
        answer = studio.ask("/api/state", headers={**given, "X-No-Host": "1"})
        assert answer.status in (400, 403)
        return
    for method, path in (("GET", "/api/state"), ("POST", "/upscale"), ("DELETE", "/api/jobs/1")):
        answer = studio.ask(path, method, headers=given)
        assert (answer.status == status) if status != 200 else answer.status not in (401, 403), (path, answer)
        if status != 200:
            assert len(answer.json["error"].splitlines()) == 1


def test_the_token_may_stand_in_the_address(studio: Running) -> None:
    assert studio.ask(f"/?token={TOKEN}", headers={"Authorization": None}).status == 200
    for path in ("/?token=", "/", "/?token=wrong", f"/api/state?token={TOKEN[:-1]}"):
        assert studio.ask(path, headers={"Authorization": None}).status == 401, path


def test_what_holds_nothing_of_anybody_needs_none(studio: Running) -> None:
    for path in ("/static/studio.js", "/static/studio.css", "/health"):
        assert studio.ask(path, headers={"Authorization": None}).status == 200
        assert studio.ask(path, headers={"Authorization": None, "Host": "evil.example"}).status == 403


@pytest.mark.parametrize("path", ["/", "/static/studio.js", "/api/state", "/nothing", "/health", "/api/photos/1/view"])
@pytest.mark.parametrize("token", ["Bearer wrong", f"Bearer {TOKEN}"])
def test_every_answer_has_its_headers(studio: Running, path: str, token: str) -> None:
    headers = studio.ask(path, headers={"Authorization": token}).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY" and headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/server.py",
        "/static//etc/passwd",
        "/api/photos/..%2f..%2fsecret.png/view",
        "/api/photos/secret.png/view",
        "/api/photos/-1/view",
        "/api/photos/99/view",
        "/api/jobs/99/file",
        "/secret.png",
    ],
)
def test_no_path_of_the_asker_is_read(studio: Running, path: str) -> None:
    answer = studio.ask(path)
    assert answer.status in (404, 405) and b"import" not in answer.body and b"PNG" not in answer.body


def test_a_model_is_no_path(studio: Running, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(b"0" * 100)
    for name in (str(tmp_path / "x.safetensors"), "/etc/passwd", "../x", "runs"):
        for option in ("model", "blend"):
            answer = studio.post("/upscale", {"photo": ("a.png", png()), option: name, "scale": "2"})
            assert answer.status == 422 and "allowed here:" in answer.json["error"], answer.body
        job = studio.tell("/api/jobs", {"photo": 1, "task": "upscale", "options": {"model": name}})
        assert job.status == 422 and "allowed here:" in job.json["error"]


@pytest.mark.parametrize(
    "option", ["sources", "out", "device", "max_pixels", "on-existing", "shard", "json", "nonsense"]
)
def test_where_files_lie_is_no_option(studio: Running, option: str) -> None:
    answer = studio.post("/upscale", {"photo": ("a.png", png()), option: "/tmp/x"})
    assert answer.status == 422 and "unknown option" in answer.json["error"]


@pytest.mark.parametrize(
    "name", ["../../../evil.png", "/etc/evil.png", "..\\..\\evil.png", ".hidden.png", "\0.png", ""]
)
def test_a_dropped_files_name_leads_nowhere(studio: Running, name: str, tmp_path: Path) -> None:
    from urllib.parse import quote

    answer = studio.ask(f"/api/photos?name={quote(name)}", "POST", png())
    assert answer.status == 201
    path = studio.studio.gallery.photo(answer.json["id"]).path
    assert path.resolve().is_relative_to(studio.studio.gallery._folder.resolve()) and path.is_file()
    assert studio.ask(f"/api/photos/{answer.json['id']}", "DELETE").status == 204 and not path.exists()


def test_a_photo_of_the_disk_is_closed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_bytes(png())
    with running(tmp_path / "work", tmp_path / "mine.png") as studio:
        (photo,) = studio.ask("/api/state").json["photos"]
        assert studio.ask(f"/api/photos/{photo['id']}", "DELETE").status == 204
        assert studio.ask("/api/state").json["photos"] == [] and (tmp_path / "mine.png").is_file()


def test_uploads_are_bounded_in_bytes_and_in_pixels(studio: Running) -> None:
    many = png(101, 100)
    noise = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8)).save(noise, "PNG")
    long = noise.getvalue()
    assert len(long) > 100_000 > len(many)
    for answer in (
        studio.ask("/api/photos?name=a.png", "POST", many),
        studio.post("/upscale", {"photo": ("a.png", many)}),
    ):
        assert answer.status == 413 and "more than --max-pixels 10000 allows" in answer.json["error"], answer.body
    for answer in (
        studio.ask("/api/photos?name=a.png", "POST", long),
        studio.post("/upscale", {"photo": ("a.png", long)}),
    ):
        assert answer.status == 413 and "--max-megabytes" in answer.json["error"]
    chunks = {"Content-Length": None, "Transfer-Encoding": "chunked"}
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (long[:60_000], long[60_000:])) + b"0\r\n\r\n"
    assert studio.ask("/api/photos?name=a.png", "POST", body, chunks).status == 413, "a length that was not said"
    assert not [path for path in studio.studio.gallery._folder.rglob("*") if path.is_file()], "nothing is left of them"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"photo": "../x"}', b'{"photo": 1, "task": "sh"}', b"[" * 100_000], ids=range(6)
)
def test_what_is_no_order_is_refused(studio: Running, body: bytes) -> None:
    answer = studio.ask("/api/jobs", "POST", body, {"Content-Type": "application/json"})
    assert answer.status in (404, 413, 422) and len(answer.json["error"].splitlines()) == 1


def test_a_simple_form_of_another_page_is_no_order(studio: Running) -> None:
    body = json.dumps({"photo": 1, "task": "upscale"}).encode()
    assert studio.ask("/api/jobs", "POST", body, {"Content-Type": "text/plain"}).status == 415


def test_no_option_of_a_request_names_a_file() -> None:
    """Those that do, but for models, which are compared with what is offered, are the server's own business."""
    for task, config in CONFIGS.items():
        for section_name, section in sections(config).items():
            for name, field in section.model_fields.items():
                takes_a_name = "Path" in str(field.annotation) or "_no_nameless" in str(
                    [field.annotation, field.metadata]
                )
                asked = name.replace("_", "-") in options_of(task)
                assert not (takes_a_name and asked) or name in ("model", "blend"), (task, section_name, name)
