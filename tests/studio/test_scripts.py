"""The commands over HTTP: their options, their results, their lines of refusal; and many requests at once."""

from __future__ import annotations

import gc
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from support.drawing import draw
from support.running import img2img, succeeded
from support.studio import Answer, Running, running
from support.upscalers import write_weights

from img2img.cli.options import command_from
from img2img.studio.asked import CONFIGS, NOT_ASKED, options_of


def packed(kind: str = "PNG", height: int = 20, width: int = 30) -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw(3, height, width, 3)).save(out, kind)
    return out.getvalue()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("scripts")
    write_weights(folder / "runs/larger/weights.safetensors")
    with running(folder) as found:
        yield found


def larger(studio: Running) -> str:
    return str(studio.studio.runs / "larger")


def test_a_result_equals_the_commands(studio: Running, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(packed("JPEG"))
    answer = studio.post(
        "/upscale", {"photo": ("my photo.jpg", packed("JPEG")), "model": larger(studio), "quality": "80"}
    )
    assert answer.status == 200, answer.body
    assert (
        answer.headers["content-type"] == "image/jpeg" and "my%20photo.x2.jpg" in answer.headers["content-disposition"]
    )
    options = ["--model", larger(studio), "--quality", 80, "--device", "cpu", "-o", tmp_path / "r.jpg"]
    succeeded(img2img("upscale", tmp_path / "photo.jpg", *options))
    assert answer.body == (tmp_path / "r.jpg").read_bytes()


def test_holes_by_shapes_by_a_mask_and_by_both(studio: Running, tmp_path: Path) -> None:
    photo = ("photo.png", packed())
    mask = io.BytesIO()
    hole = Image.new("L", (30, 20))
    hole.paste(255, (5, 4, 12, 9))
    hole.save(mask, "PNG")
    by_mask = studio.post("/inpaint", {"photo": photo, "mask": ("m.png", mask.getvalue()), "method": "telea"})
    by_shape = studio.post("/inpaint", {"photo": photo, "box": "5,4,7,5", "method": "telea"})
    assert by_mask.status == by_shape.status == 200 and by_mask.body == by_shape.body != photo[1]
    both = {
        "photo": photo,
        "mask": ("m.png", mask.getvalue()),
        "method": "telea",
        "circle": "20,10,3",
        "format": "webp",
    }
    answer = studio.post("/inpaint", both)
    assert answer.headers["content-type"] == "image/webp" and answer.body[:4] == b"RIFF"


@pytest.mark.parametrize(
    ("path", "fields", "status", "said"),
    [
        ("/upscale", {"photo": ("a.png", b"no picture")}, 415, "a.png"),
        ("/upscale", {"photo": ("a.png", b"")}, 415, "a.png"),
        ("/upscale", {"scale": "2"}, 422, "photo is required"),
        ("/upscale", {"photo": "text"}, 422, "photo is required: a field that holds the file"),
        ("/upscale", {"photo": ("a.png", packed()), "scale": "9"}, 422, "--scale 9: input should be less"),
        ("/upscale", {"photo": ("a.png", packed()), "scale": "two"}, 422, "--scale two:"),
        ("/upscale", {"photo": ("a.png", packed()), "mask": ("b.png", packed())}, 422, "mask: upscale takes none"),
        ("/upscale", {"photo": ("a.png", packed()), "scale": "2", "width": "60"}, 422, "give one of them"),
        ("/inpaint", {"photo": ("a.png", packed())}, 422, "--mask is required, or a shape"),
        ("/inpaint", {"photo": ("a.png", packed()), "box": "1,2"}, 422, "--box 1,2: write x,y,width,height"),
        ("/inpaint", {"photo": ("a.png", packed()), "box": "90,90,2,2", "method": "telea"}, 422, "no shape lies in"),
        (
            "/inpaint",
            {"photo": ("a.png", packed()), "mask": ("m.png", packed()), "method": "telea"},
            422,
            "neither black",
        ),
        ("/translate", {"photo": ("a.png", packed())}, 422, "--model is required"),
        ("/translate", {"photo": ("a.png", packed()), "model": "larger"}, 422, "allowed here:"),
    ],
)
def test_refusals_are_the_commands_lines(studio: Running, path: str, fields: dict, status: int, said: str) -> None:
    answer = studio.post(path, fields)
    assert answer.status == status and said in answer.json["error"], answer.body
    assert len(answer.json["error"].splitlines()) == 1
    assert "/results/" not in answer.json["error"], "where the studio keeps it is nobody's business"
    assert not list((studio.studio.gallery._folder.parent / "results").glob("*/*")), "nothing is left of it"


def test_no_form_and_another_method(studio: Running) -> None:
    assert studio.ask("/upscale", "POST", packed(), {"Content-Type": "image/png"}).status == 415
    assert studio.ask("/upscale", "POST", b"x", {"Content-Type": "multipart/form-data"}).status == 422
    assert studio.ask("/upscale").status == 405


def test_the_document_has_the_options_of_the_configs(studio: Running) -> None:
    found = studio.ask("/openapi.json").json
    assert found["openapi"].startswith("3.1")
    for task, config in CONFIGS.items():
        operation = found["paths"][f"/{task}"]["post"]
        schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
        names = set(schema["properties"]) - {"photo", "mask"}
        assert names == set(options_of(task)) and not {name.replace("-", "_") for name in names} & NOT_ASKED
        assert schema["required"] == (["photo", "model"] if task == "translate" else ["photo"])
        assert {"200", "413", "415", "422"} <= set(operation["responses"])
        assert all(schema["properties"][name]["description"] for name in names)
        assert command_from(config, print)
    scale = found["paths"]["/upscale"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    limits = next(one for one in scale["scale"]["anyOf"] if one.get("type") == "number")
    assert (limits["minimum"], limits["maximum"]) == (1, 8)


def test_many_requests_at_once_none_lost(studio: Running) -> None:
    answers: list[Answer] = []
    wanted = studio.post("/upscale", {"photo": ("a.png", packed()), "model": larger(studio)}).body

    def client() -> None:
        for _ in range(5):
            answers.append(studio.post("/upscale", {"photo": ("a.png", packed()), "model": larger(studio)}))

    clients = [threading.Thread(target=client) for _ in range(8)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert len(answers) == 40 and all(answer.status == 200 and answer.body == wanted for answer in answers)
    health = studio.ask("/health").json
    assert health["status"] == "ok" and health["waiting"] == health["kept"] == 0, "nothing stays in memory"
    gc.collect()
    assert not list((studio.studio.gallery._folder.parent / "results").iterdir()), "or on the disk"
