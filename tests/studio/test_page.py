"""The page in a real browser: open, paint, fill, slide, save, cancel, reload, a bad file, two tabs; nothing on the
console."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.browser import chromium
from support.drawing import draw
from support.running import img2img, succeeded
from support.studio import Running, running
from support.upscalers import write_weights

from img2img.apply.engine.model import Model

pytestmark = pytest.mark.slow
PATIENCE = 60_000  # ms


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.chdir(tmp_path)
    Image.fromarray(draw(0, 120, 160, 3)).save("photo.png")
    write_weights(tmp_path / "runs/larger/weights.safetensors")
    with running(tmp_path, Path("photo.png")) as found:
        yield found


@pytest.fixture
def page(browser: Any, studio: Running) -> Iterator[Any]:
    """The page, with its photo; what it says on the console is an error of the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    yield opened(context, studio)
    context.close()


def opened(context: Any, studio: Running) -> Any:
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.goto(studio.address)
    page.wait_for_selector("#in:not([disabled])")
    page.wait_for_selector("text=160 × 120 px")
    return page


def drag(page: Any, *points: tuple[float, float], selector: str = "#canvas") -> None:
    """Through points, shares of the element's width and height."""
    box = page.locator(selector).bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def fill(page: Any) -> None:
    page.select_option("#method", "telea")
    page.click("#run")
    page.wait_for_selector("#result:not([hidden])")


def test_open_paint_fill_slide_save(page: Any, studio: Running, tmp_path: Path) -> None:
    assert page.locator("#run").is_disabled() and page.inner_text("#hint") == "Paint over what is to go."
    drag(page, (0.4, 0.4), (0.6, 0.55))
    page.click("[data-tool=box]")
    drag(page, (0.3, 0.3), (0.35, 0.4))
    fill(page)
    assert page.inner_text("#result-name") == "photo.inpainted.png"
    before = int(page.get_attribute("#split", "aria-valuenow"))
    drag(page, (0.5, 0.5), (4.5, 0.5), selector="#split")
    page.focus("#split")
    page.keyboard.press("ArrowRight")
    assert int(page.get_attribute("#split", "aria-valuenow")) > before + 5
    page.click("#save")
    page.wait_for_selector("text=Saved: photo.inpainted.png, photo.mask.png")
    words = shlex.split(page.inner_text("code"))
    assert words[:5] == ["img2img", "inpaint", "photo.png", "--mask", "photo.mask.png"]
    succeeded(img2img(*words[1:], "-o", tmp_path / "cli.png"))
    assert (tmp_path / "cli.png").read_bytes() == Path("photo.inpainted.png").read_bytes()
    mask, result = np.asarray(Image.open("photo.mask.png")), np.asarray(Image.open("photo.inpainted.png"))
    assert 0 < mask.mean() < 60 and np.array_equal(result[mask == 0], draw(0, 120, 160, 3)[mask == 0])
    assert page.said == []


def test_undo_redo_erase_and_clear(page: Any) -> None:
    drag(page, (0.4, 0.4), (0.6, 0.55))
    assert page.locator("#run").is_enabled()
    page.keyboard.press("Control+z")
    assert page.locator("#run").is_disabled() and page.locator("#undo").is_disabled()
    page.keyboard.press("Control+Shift+z")
    assert page.locator("#run").is_enabled()
    page.click("#clear")
    assert page.locator("#run").is_disabled()
    page.click("#undo")
    assert page.locator("#run").is_enabled() and page.said == []


def test_the_keyboard_alone_paints(page: Any, studio: Running) -> None:
    page.focus("#canvas")
    for key in ("r", "ArrowLeft", "ArrowUp", "Enter", *["ArrowRight"] * 3, *["ArrowDown"] * 3, "Enter"):
        page.keyboard.press(key)
    assert page.locator("#run").is_enabled()
    fill(page)
    assert page.said == []


def test_enlarge_with_a_run(page: Any, studio: Running) -> None:
    page.click("#tab-upscale")
    page.select_option("#model", str(studio.studio.runs / "larger"))
    page.click("#run")
    page.wait_for_selector("#result:not([hidden])")
    assert "320 × 240 px" in page.inner_text("#result-facts") and page.said == []
    page.click("#tab-translate")
    assert "no model to translate with yet" in page.inner_text("#hint") and page.locator("#run").is_disabled()


def test_a_job_is_cancelled(page: Any, studio: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(self, photo, bits=None, watch=None):  # type: ignore[no-untyped-def]
        for step in range(2000):
            time.sleep(0.02)
            watch(0.1 + step / 4000)

    monkeypatch.setattr(Model, "convert", slow)
    page.click("#tab-upscale")
    page.select_option("#model", str(studio.studio.runs / "larger"))
    page.click("#run")
    page.wait_for_selector("#left:has-text('left')")
    page.click("#cancel")
    page.wait_for_selector("#progress", state="hidden")
    assert page.locator("#result").is_hidden() and page.inner_text("#status") == "Cancelled"
    assert page.locator("#run").is_enabled() and page.locator("#error").is_hidden() and page.said == []


def test_a_reload_keeps_the_mask_and_the_result(page: Any) -> None:
    drag(page, (0.4, 0.4), (0.6, 0.55))
    fill(page)
    page.reload()
    page.wait_for_selector("#result:not([hidden])")
    assert page.locator("#run").is_enabled() and page.locator("#undo").is_enabled() and page.said == []


def test_a_bad_file_is_one_line_and_a_good_one_opens(page: Any) -> None:
    Image.fromarray(draw(5, 60, 90, 3)).save("good.png")
    Path("bad.png").write_bytes(b"no picture")
    page.set_input_files("#files", ["bad.png", "good.png"])
    page.wait_for_selector("#error:not([hidden])")
    assert "bad.png" in page.inner_text("#error p") and page.inner_text("#photo-name") == "good.png"
    assert page.locator(".thumb").count() == 2
    assert all("415" in line or "422" in line for line in page.said), "the browser's own word on the refusal"
    drag(page, (0.45, 0.45), (0.55, 0.55))
    fill(page)
    assert page.locator("#save").is_hidden()
    with page.expect_download() as download:
        page.click("#download")
    assert download.value.suggested_filename == "good.inpainted.png"


def test_two_tabs_each_with_a_mask_of_its_own(page: Any, studio: Running) -> None:
    other = opened(page.context, studio)
    drag(page, (0.3, 0.3), (0.4, 0.4))
    assert other.locator("#run").is_disabled()
    drag(other, (0.6, 0.6), (0.7, 0.7))
    for one in (page, other):
        one.select_option("#method", "telea")
        one.click("#run")
    for one in (page, other):
        one.wait_for_selector("#result:not([hidden])")
    assert page.said == other.said == []


def test_what_is_there_is_overwritten_when_asked(page: Any) -> None:
    drag(page, (0.4, 0.4), (0.6, 0.55))
    fill(page)
    Path("photo.inpainted.png").write_bytes(b"mine")
    page.click("#save")
    page.wait_for_selector("#overwrite:not([hidden])")
    assert Path("photo.inpainted.png").read_bytes() == b"mine"
    page.click("#overwrite")
    page.wait_for_selector("text=Saved:")
    assert Path("photo.inpainted.png").read_bytes() != b"mine"


@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_every_control_has_a_name(browser: Any, studio: Running, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=width < 500)
    page = opened(context, studio)
    assert page.locator("body").evaluate("body => body.scrollWidth <= innerWidth"), "nothing sticks out sideways"
    nameless = (
        "all => all.filter(one => !(one.innerText || one.ariaLabel || one.labels?.length)).map(one => one.outerHTML)"
    )
    assert page.locator("button:visible, select, input:not([hidden])").evaluate_all(nameless) == []
    dark = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(20, 20, 23)"
    assert dark == (scheme == "dark")
    page.click("#theme")
    assert (
        page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(20, 20, 23)"
    ) != dark
    assert page.said == []
    context.close()
