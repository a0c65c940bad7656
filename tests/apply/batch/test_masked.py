"""Batches of photos with masks: which mask is whose, and what a changed one means."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.inpainters import Constant, box, inpainting

from img2img.apply.batch.manifest import NAME
from img2img.apply.batch.plan import Job, PlanError, plan
from img2img.apply.batch.run import run_batch
from img2img.apply.inpaint.inpainting import Inpainting
from img2img.images import ImageError


def save(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def save_mask(path: Path, number: int = 0) -> Path:
    return save(path, box(20, 30, (5 + number, 9 + number, 5, 15)) * 255)


@pytest.fixture
def masks(tmp_path: Path) -> Path:
    """One for each, in other formats, and one too many."""
    for number, name in enumerate(("a.tif", "b.png", "in/c.bmp", "d.png")):
        save_mask(tmp_path / "masks" / name, number)
    return tmp_path / "masks"


def states(photos: Path, out: Path | None, mask: Path, model: Inpainting | None = None) -> dict[str, str]:
    jobs = plan([photos], out, "inpainted", mask=mask)
    return {job.source.name: r.state for r in run_batch(jobs, model or inpainting(Constant())) for job in [r.job]}


def test_each_photo_has_the_mask_of_its_name(photos: Path, masks: Path) -> None:
    found = {job.source.name: job.mask for job in plan([photos], None, "inpainted", mask=masks)}
    assert found == {"a.png": masks / "a.tif", "b.jpg": masks / "b.png", "c.png": masks / "in/c.bmp"}
    assert plan([photos / "a.png"], None, "x", mask=masks) == [
        Job(photos / "a.png", photos / "a.x.png", masks / "a.tif")
    ]


def test_one_mask_is_for_all(photos: Path, masks: Path) -> None:
    assert {job.mask for job in plan([photos], None, "x", mask=masks / "d.png")} == {masks / "d.png"}


def test_masks_among_the_photos_are_no_photos(photos: Path) -> None:
    mask = save_mask(photos / "mask.png")
    assert {job.source.name for job in plan([photos], None, "x", mask=mask)} == {"a.png", "b.jpg", "c.png"}
    for name in ("a", "b", "in/c"):
        save_mask(photos / f"holes/{name}.png")
    mask.unlink()
    assert {job.source.name for job in plan([photos], None, "x", mask=photos / "holes")} == {"a.png", "b.jpg", "c.png"}


def test_what_does_not_go_together_is_refused_before_any_work(photos: Path, masks: Path) -> None:
    (masks / "b.png").unlink()
    (masks / "in/c.bmp").unlink()
    with pytest.raises(PlanError, match=r"2 of 3 photos have none of their name there: b\.jpg, in/c\.png"):
        plan([photos], None, "x", mask=masks)
    save_mask(masks / "a.png")
    with pytest.raises(ImageError, match=r"a\.png and .*a\.tif have the same name"):
        plan([photos], None, "x", mask=masks)
    with pytest.raises(PlanError, match=r"--mask .*gone: no such file or folder"):
        plan([photos], None, "x", mask=masks / "gone")
    with pytest.raises(PlanError, match="must not overwrite an input"):
        plan([photos / "a.png"], masks / "a.png", "x", mask=masks / "a.png")


def test_a_changed_mask_makes_its_result_stale_and_no_other(photos: Path, masks: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert set(states(photos, out, masks).values()) == {"written"}
    assert set(states(photos, out, masks).values()) == {"skipped"}
    save_mask(masks / "b.png", 6)
    assert states(photos, out, masks) == {"a.png": "skipped", "b.jpg": "written", "c.png": "skipped"}
    assert set(states(photos, out, masks).values()) == {"skipped"}
    same = tmp_path / "elsewhere.bmp"
    same.write_bytes((masks / "in/c.bmp").read_bytes())
    found = states(photos, out, same)
    assert found["c.png"] == "skipped" and found["a.png"] == "written", "another file of the same content"


def test_how_masks_are_read_and_what_fills_is_in_the_manifest(photos: Path, masks: Path, tmp_path: Path) -> None:
    from img2img.apply.inpaint.classical import ClassicalFilling
    from img2img.apply.inpaint.masking import Masking

    out = tmp_path / "out"
    for model in (
        Inpainting(ClassicalFilling("telea"), Masking()),
        Inpainting(ClassicalFilling("telea"), Masking("black")),
        Inpainting(ClassicalFilling("navier-stokes"), Masking("black")),
    ):
        assert set(states(photos, out, masks, model).values()) == {"written"}
        assert set(states(photos, out, masks, model).values()) == {"skipped"}
    lines = [json.loads(line) for line in (out / f"{NAME}.jsonl").read_text().splitlines()]
    assert len(lines) == 6 and all(line["mask"]["sha256"] for line in lines)
    assert lines[0]["settings"]["method"] == "telea" and lines[0]["weights"] == ""


def test_one_bad_mask_is_named_and_the_rest_goes_on(photos: Path, masks: Path, tmp_path: Path) -> None:
    (masks / "a.tif").write_text("text")
    save(masks / "b.png", np.zeros((21, 30), np.uint8))
    jobs = plan([photos], tmp_path / "out", "inpainted", mask=masks)
    bad, other, good = run_batch(jobs, inpainting(Constant()))
    assert bad.state == "failed" and str(masks / "a.tif") in bad.error
    assert other.error == (
        f"{photos / 'b.jpg'} with {masks / 'b.png'}: its mask is 30 x 21 px, and the photo 30 x 20; "
        "they must have one shape"
    )
    assert good.state == "written" and json.loads(good.to_json())["mask"] == str(masks / "in/c.bmp")


def test_a_folder_gives_byte_for_byte_what_single_calls_give(photos: Path, masks: Path, tmp_path: Path) -> None:
    states(photos, tmp_path / "all", masks)
    for name in ("a.png", "b.jpg"):
        jobs = plan([photos / name], tmp_path / "one" / name, "inpainted", mask=masks)
        assert [report.state for report in run_batch(jobs, inpainting(Constant()))] == ["written"]
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "all" / name).read_bytes()
