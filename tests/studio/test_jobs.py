"""What the page asks for is what the commands do, to the byte, and is saved by their rules."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.drawing import draw
from support.inpainters import write_inpainter
from support.running import img2img, succeeded
from support.studio import Running, running
from support.upscalers import write_weights

from img2img.apply.engine.model import Model

LINE = {"kind": "stroke", "points": [[10, 20], [40, 20]], "radius": 4, "erase": False}
AREA = {"kind": "area", "points": [[5, 5], [20, 5], [20, 14], [5, 14]]}
TELEA = {"method": "telea"}


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """With two photos, and with runs that enlarge and fill."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(draw(0, 40, 50, 3)).save("photo.png")
    Image.fromarray(draw(1, 33, 47, 3)).save("other.jpg")
    write_weights(tmp_path / "runs/larger/weights.safetensors")
    write_inpainter(tmp_path / "runs/fill/weights.safetensors")
    with running(tmp_path, Path("photo.png"), Path("other.jpg")) as found:
        yield found


def start(studio: Running, task: str, photo: int = 1, painted: object = (), **options: object) -> int:
    answer = studio.tell("/api/jobs", {"photo": photo, "task": task, "options": options, "painted": list(painted)})  # type: ignore[call-overload]
    assert answer.status == 202, answer.body
    return int(answer.json["id"])


def model(studio: Running, name: str) -> str:
    return str(studio.studio.runs / name)


def test_a_fill_is_saved_as_the_command_would_and_the_command_knows_it(studio: Running, tmp_path: Path) -> None:
    job = start(studio, "inpaint", painted=[LINE, AREA], model=model(studio, "fill"), method="network", grow=2)
    facts = studio.done(job)
    assert facts["state"] == "done" and facts["name"] == "photo.inpainted.png", facts
    shown = studio.ask(f"/api/jobs/{job}/file").body
    saved = studio.tell(f"/api/jobs/{job}/save", {})
    assert saved.json == {"saved": ["photo.inpainted.png", "photo.mask.png"]}, saved.body
    assert Path("photo.inpainted.png").read_bytes() == shown
    mask = np.asarray(Image.open("photo.mask.png"))
    assert mask.shape == (40, 50) and set(np.unique(mask)) == {0, 255}
    assert mask[20, 10:41].all() and mask[5:15, 5:21].all() and not mask[30:].any()
    words = shlex.split(facts["command"])
    assert words[:3] == ["img2img", "inpaint", "photo.png"]
    known = succeeded(img2img(*words[1:]))
    assert "done before" in known.stderr, "the manifest says the same as the command's own"
    succeeded(img2img(*words[1:], "-o", tmp_path / "again.png"))
    assert (tmp_path / "again.png").read_bytes() == shown


def test_an_enlargement_equals_the_commands(studio: Running, tmp_path: Path) -> None:
    facts = studio.done(job := start(studio, "upscale", 2, model=model(studio, "larger"), scale="1.5", format="webp"))
    assert (facts["name"], facts["width"], facts["height"]) == ("other.x1.5.webp", 71, 50), facts
    succeeded(img2img(*shlex.split(facts["command"])[1:], "-o", tmp_path / "r.webp"))
    assert (tmp_path / "r.webp").read_bytes() == studio.ask(f"/api/jobs/{job}/file").body


def test_what_somebody_else_made_is_not_overwritten(studio: Running) -> None:
    job = start(studio, "inpaint", painted=[AREA], **TELEA)
    assert studio.done(job)["state"] == "done"
    Path("photo.inpainted.png").write_bytes(b"mine")
    refused = studio.tell(f"/api/jobs/{job}/save", {})
    assert refused.status == 409 and "photo.inpainted.png exists already" in refused.json["error"]
    assert Path("photo.inpainted.png").read_bytes() == b"mine"
    assert studio.tell(f"/api/jobs/{job}/save", {"overwrite": True}).status == 200
    Path("photo.inpainted.png").unlink()
    Path("photo.mask.png").write_bytes(b"my mask")
    refused = studio.tell(f"/api/jobs/{job}/save", {})
    assert refused.status == 409 and "photo.mask.png exists already" in refused.json["error"]
    assert Path("photo.mask.png").read_bytes() == b"my mask" and not Path("photo.inpainted.png").exists()


def test_what_the_studio_made_is_replaced(studio: Running) -> None:
    results = []
    for painted in ([AREA], [LINE]):
        assert studio.done(job := start(studio, "inpaint", painted=painted, **TELEA))["state"] == "done"
        assert studio.tell(f"/api/jobs/{job}/save", {}).status == 200
        results.append(Path("photo.inpainted.png").read_bytes())
    assert results[0] != results[1]


def test_a_photo_that_has_changed_since_is_not_saved_beside(studio: Running) -> None:
    job = start(studio, "inpaint", painted=[AREA], **TELEA)
    assert studio.done(job)["state"] == "done"
    Image.fromarray(draw(7, 40, 50, 3)).save("photo.png")
    answer = studio.tell(f"/api/jobs/{job}/save", {})
    assert answer.status == 409 and "has changed since" in answer.json["error"]
    assert not Path("photo.inpainted.png").exists() and not Path("photo.mask.png").exists()


def test_a_dropped_photo_is_downloaded(studio: Running) -> None:
    photo = studio.ask("/api/photos?name=dropped.png", "POST", Path("photo.png").read_bytes()).json
    assert photo["name"] == "dropped.png" and not photo["own"]
    facts = studio.done(job := start(studio, "inpaint", photo["id"], painted=[AREA], **TELEA))
    assert facts["command"] == "img2img inpaint dropped.png --mask dropped.mask.png --method telea --device cpu"
    answer = studio.ask(f"/api/jobs/{job}/file")
    assert answer.headers["content-disposition"] == 'attachment; filename="dropped.inpainted.png"'
    assert studio.tell(f"/api/jobs/{job}/save", {}).status == 409


def test_strokes_are_erased_and_nothing_is_refused(studio: Running) -> None:
    rubber = {**LINE, "erase": True, "radius": 9}
    nothing = studio.tell("/api/jobs", {"photo": 1, "task": "inpaint", "options": TELEA, "painted": [LINE, rubber]})
    assert nothing.status == 422 and nothing.json["error"] == "nothing is marked: paint over what is to go"
    for bad in (
        [{"kind": "star"}],
        [{**LINE, "radius": -1}],
        [{**LINE, "points": []}],
        [{**LINE, "points": [[1, None]]}],
        7,
    ):
        answer = studio.tell("/api/jobs", {"photo": 1, "task": "inpaint", "options": TELEA, "painted": bad})
        assert answer.status == 422 and answer.json["error"].startswith("the mask's strokes"), answer.body


def test_a_photo_is_seen_whole_and_in_parts(studio: Running) -> None:
    import io

    whole = Image.open(io.BytesIO(studio.ask("/api/photos/1/view?side=25").body))
    assert whole.size == (25, 20)
    part = np.asarray(Image.open(io.BytesIO(studio.ask("/api/photos/1/view?box=10,5,20,12").body))).astype(int)
    assert np.abs(part - draw(0, 40, 50, 3)[5:17, 10:30]).mean() < 4
    assert studio.ask("/api/photos/1/view?box=60,5,20,12").status == 422
    assert studio.ask("/api/photos/1/view?box=1,2,3").status == 422
    assert studio.ask("/api/photos/1/view?side=0").status == 422


def test_a_thing_is_picked_by_its_outline(studio: Running) -> None:
    samples = np.full((60, 80, 3), 40, np.uint8)
    samples[10:30, 20:50] = (200, 60, 60)
    Image.fromarray(samples).save("thing.png")
    photo = studio.ask("/api/photos?name=t.png", "POST", Path("thing.png").read_bytes()).json["id"]
    (outline,) = studio.tell(f"/api/photos/{photo}/pick", {"x": 30, "y": 20}).json["outlines"]
    (left, top), (right, bottom) = np.min(outline, axis=0), np.max(outline, axis=0)
    assert 18 <= left <= 20 and 8 <= top <= 10 and 49 <= right <= 51 and 29 <= bottom <= 31
    assert studio.tell(f"/api/photos/{photo}/pick", {"x": 90, "y": 20}).status == 422
    assert studio.tell(f"/api/photos/{photo}/pick", {"x": "1", "y": 20}).status == 422


def test_a_job_is_cancelled_and_the_next_one_goes_on(studio: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    convert = Model.convert

    def slow(self, photo, bits=None, watch=None):  # type: ignore[no-untyped-def]
        for _ in range(200):
            time.sleep(0.05)
            watch(0.5)
        raise AssertionError("was not stopped")

    monkeypatch.setattr(Model, "convert", slow)
    first, second = (start(studio, "upscale", model=model(studio, "larger")) for _ in range(2))
    while studio.ask(f"/api/jobs/{first}").json["state"] == "waiting":
        time.sleep(0.02)
    assert studio.ask(f"/api/jobs/{second}").json["state"] == "waiting", "one at a time"
    studio.ask(f"/api/jobs/{second}", "DELETE")
    assert studio.done(second)["state"] == "cancelled"
    studio.ask(f"/api/jobs/{first}", "DELETE")
    assert studio.done(first)["state"] == "cancelled"
    assert studio.ask(f"/api/jobs/{first}/file").status == 409
    monkeypatch.setattr(Model, "convert", convert)
    assert studio.done(start(studio, "upscale", model=model(studio, "larger")))["state"] == "done"


def test_a_crash_is_one_line_and_the_rest_goes_on(studio: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self, *given):  # type: ignore[no-untyped-def]
        raise ZeroDivisionError("a bug\nof two lines")

    with monkeypatch.context() as patched:
        patched.setattr(Model, "convert", broken)
        facts = studio.done(start(studio, "upscale", model=model(studio, "larger")))
    assert facts["state"] == "failed" and facts["error"] == "ZeroDivisionError: a bug of two lines"
    assert studio.done(start(studio, "upscale", model=model(studio, "larger")))["state"] == "done"


def test_models_of_the_runs_are_offered(studio: Running) -> None:
    offered = {model["name"]: model for model in studio.ask("/api/state").json["models"]}
    assert offered[model(studio, "larger")]["task"] == "upscale" and offered[model(studio, "larger")]["scale"] == 2
    assert offered[model(studio, "fill")]["task"] == "inpaint"


def test_few_results_are_kept(tmp_path: Path) -> None:
    Image.fromarray(draw(0, 20, 20, 3)).save(tmp_path / "p.png")
    with running(tmp_path / "w", tmp_path / "p.png", keep=2) as studio:
        jobs = [start(studio, "inpaint", painted=[AREA], **TELEA) for _ in range(5) if not time.sleep(0.3)]
        assert studio.done(jobs[-1])["state"] == "done"
        assert studio.ask(f"/api/jobs/{jobs[0]}").status == 404
        assert len(list((tmp_path / "w/results").iterdir())) <= 3
