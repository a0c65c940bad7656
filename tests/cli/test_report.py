"""`--report` and `img2img show`: one page with what was made, and what failed."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.browser import chromium
from support.drawing import draw
from support.running import img2img, succeeded
from support.upscalers import write_weights

TELEA = ["--method", "telea", "--device", "cpu"]


def pictures_of(page: str) -> list[np.ndarray]:
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))).astype(int) for one in found]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(2):
        Image.fromarray(draw(number, 600, 800, 3)).save(folder / f"{number}.png")
    (folder / "bad <b>.png").write_bytes(b"no picture")
    return folder


def test_a_batch_has_a_page_with_what_failed(photos: Path, tmp_path: Path) -> None:
    options = ["--box", "600,400,60,60", *TELEA, "-o", tmp_path / "out", "--report", tmp_path / "page.html"]
    result = img2img("inpaint", photos, *options)
    assert result.exit_code == 1
    page = (tmp_path / "page.html").read_text()
    assert page.count("<article>") == 2 and "Failed: 1" in page and "bad &lt;b&gt;.png" in page and "<b>" not in page
    assert not re.search(r'(?:src|href)="(?!data:)', page), "nothing is fetched"
    whole, filled, before, after = pictures_of(page)[:4]
    assert whole.shape == filled.shape == (480, 640, 3) and before.shape == after.shape == (420, 420, 3)
    assert np.abs(before - after).max() > 30, "the crop is where the hole was"
    left, top = map(int, re.findall(r"At full size, from (\d+), (\d+)", page)[0])
    assert np.abs(before - draw(0, 600, 800, 3)[top : top + 420, left : left + 420]).mean() < 4, "at full size"
    again = img2img("inpaint", photos, *options)
    assert again.exit_code == 1 and (tmp_path / "page.html").read_text().count("<article>") == 2, (
        "done before, and shown"
    )


def test_a_page_is_refused_before_any_work(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("<p>mine")
    for name, said in (("mine.html", "is no page of before and after"), ("page.txt", "ends in .txt; allowed: .html")):
        result = img2img(
            "inpaint", photos, "--box", "1,1,9,9", *TELEA, "-o", tmp_path / "out", "--report", tmp_path / name
        )
        assert result.exit_code == 2 and said in result.stderr
    assert not (tmp_path / "out").exists() and (tmp_path / "mine.html").read_text() == "<p>mine"


def test_an_enlargement_is_beside_the_photo_in_its_size(tmp_path: Path) -> None:
    Image.fromarray(draw(0, 40, 50, 3)).save(tmp_path / "p.png")
    weights = write_weights(tmp_path / "x2.safetensors")
    options = ["--model", weights, "--device", "cpu", "--report", tmp_path / "r.html"]
    succeeded(img2img("upscale", tmp_path / "p.png", *options))
    small, large, *_ = pictures_of((tmp_path / "r.html").read_text())
    assert small.shape == large.shape == (80, 100, 3)


def test_show_two_files(tmp_path: Path) -> None:
    Image.fromarray(draw(0, 40, 50, 3)).save(tmp_path / "a.png")
    Image.fromarray(draw(1, 80, 100, 3)).save(tmp_path / "b.jpg")
    result = succeeded(img2img("show", tmp_path / "a.png", tmp_path / "b.jpg"))
    assert result.stdout.split() == [str(tmp_path / "b.compare.html")]
    succeeded(img2img("show", tmp_path / "a.png", tmp_path / "b.jpg"))
    Image.fromarray(draw(1, 80, 80, 3)).save(tmp_path / "square.png")
    refused = img2img("show", tmp_path / "a.png", tmp_path / "square.png")
    assert refused.exit_code == 2 and "have not one shape" in refused.stderr
    assert not (tmp_path / "square.compare.html").exists()


@pytest.mark.slow
def test_the_slider_slides_by_pointer_and_keys(tmp_path: Path) -> None:
    Image.fromarray(draw(0, 100, 200, 3)).save(tmp_path / "a.png")
    Image.fromarray(draw(1, 100, 200, 3)).save(tmp_path / "b.png")
    page_file = Path(succeeded(img2img("show", tmp_path / "a.png", tmp_path / "b.png")).stdout.strip())
    with chromium() as browser:
        page: Any = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(page_file.as_uri())
        slider = page.locator(".pair input").first
        box = slider.bounding_box()
        shot = lambda: np.asarray(Image.open(io.BytesIO(page.locator(".pair").first.screenshot())).convert("RGB"))  # noqa: E731
        page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 50)
        assert 85 < float(slider.input_value()) < 95
        nearly_before = np.abs(shot().astype(int)[:100, :160] - draw(0, 100, 200, 3)[:, :160]).mean()
        slider.press("Home")
        nearly_after = np.abs(shot().astype(int)[:100, 20:] - draw(1, 100, 200, 3)[:, 20:]).mean()
        assert nearly_before < 8 and nearly_after < 8 and said == []


@pytest.mark.slow
def test_the_run_page_has_a_slider_and_links_to_its_samples(tmp_path: Path) -> None:
    from img2img.training.report.page import write_report

    (tmp_path / "samples").mkdir()
    for step in (1, 2):
        Image.fromarray(draw(step, 100, 200, 3)).save(tmp_path / f"samples/{step:06d}.png")
    page_file = write_report(tmp_path)
    with chromium() as browser:
        page: Any = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(page_file.as_uri())
        assert page.get_attribute("#file", "href") == "samples/000002.png"
        assert page.locator("#first").is_hidden()
        page.check("#versus")
        assert page.locator("#first").is_visible()
        shot = np.asarray(Image.open(io.BytesIO(page.locator("#pair").screenshot())).convert("RGB")).astype(int)
        top = (shot.shape[0] - 100) // 2
        shown = shot[top : top + 100]
        assert np.abs(shown[:, 5:90] - draw(1, 100, 200, 3)[:, 5:90]).mean() < 8
        assert np.abs(shown[:, 110:195] - draw(2, 100, 200, 3)[:, 110:195]).mean() < 8
        assert said == []
