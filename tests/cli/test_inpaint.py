"""`img2img inpaint`: from masks of every kind to photos that are else what they were."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from support.drawing import draw
from support.inpainters import box, write_inpainter
from support.running import img2img, succeeded
from typer.testing import CliRunner, Result

from img2img.cli.app import app
from img2img.images import read_photo

HOLE = box(40, 50, (10, 25, 12, 33))


@pytest.fixture(autouse=True)
def _no_shipped_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["img2img.weights.find"], "_folders", lambda: [tmp_path / "home/weights"])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(draw(0, 40, 50, 3)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    Image.fromarray(HOLE * 255).save(tmp_path / "hole.png")
    return tmp_path / "hole.png"


def inpaint(*arguments: object) -> Result:
    return img2img("inpaint", *arguments, "--device", "cpu")


def assert_filled(result: Path, source: np.ndarray, hole: np.ndarray = HOLE) -> None:
    made = np.asarray(Image.open(result))
    assert np.array_equal(made[hole == 0], source[hole == 0]) and (made[hole > 0] != source[hole > 0]).any()


def test_the_shipped_weights_and_a_file_and_none_at_all(photo: Path, mask: Path, tmp_path: Path) -> None:
    lacking = inpaint(photo, "--mask", mask)
    assert lacking.exit_code == 2 and "--method telea needs none" in lacking.stderr
    assert len(lacking.stderr.splitlines()) == 1
    weights = write_inpainter(tmp_path / "home/weights/photo-inpaint.safetensors")
    result = succeeded(inpaint(photo, "--mask", mask))
    assert result.stdout.split() == [str(tmp_path / "photo.inpainted.png")]
    assert_filled(tmp_path / "photo.inpainted.png", draw(0, 40, 50, 3))
    succeeded(inpaint(photo, "--mask", mask, "--model", weights, "-o", tmp_path / "two.png"))
    assert (tmp_path / "two.png").read_bytes() == (tmp_path / "photo.inpainted.png").read_bytes()


@pytest.mark.parametrize("method", ["telea", "navier-stokes"])
def test_classical_fills(method: str, photo: Path, mask: Path, tmp_path: Path) -> None:
    succeeded(inpaint(photo, "--mask", mask, "--method", method))
    assert_filled(tmp_path / "photo.inpainted.png", draw(0, 40, 50, 3))


def test_a_black_hole_in_a_jpeg_that_is_not_quite_binary(photo: Path, tmp_path: Path) -> None:
    Image.fromarray((1 - HOLE) * 255).save(tmp_path / "hole.jpg", quality=50)
    result = inpaint(photo, "--mask", tmp_path / "hole.jpg", "--hole", "black", "--method", "telea")
    assert "of the mask is neither black nor white: cut at 0.5" in succeeded(result).stderr
    assert_filled(tmp_path / "photo.inpainted.png", draw(0, 40, 50, 3))


def test_transparency_as_the_mask(tmp_path: Path) -> None:
    samples = np.concatenate([draw(0, 40, 50, 3), 255 * (1 - HOLE[..., None])], axis=2)
    Image.fromarray(samples).save(tmp_path / "erased.png")
    succeeded(inpaint(tmp_path / "erased.png", "--mask", "alpha", "--method", "telea"))
    assert_filled(tmp_path / "erased.inpainted.png", samples[..., :3])


def test_a_photo_on_its_side_has_an_upright_mask_or_one_like_its_file(tmp_path: Path, mask: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = np.ascontiguousarray(np.rot90(draw(0, 40, 50, 3)))
    Image.fromarray(stored).save(tmp_path / "side.png", exif=exif)
    Image.fromarray(np.ascontiguousarray(np.rot90(HOLE)) * 255).save(tmp_path / "side_hole.png")
    succeeded(inpaint(tmp_path / "side.png", "--mask", mask, "--method", "telea"))
    assert_filled(tmp_path / "side.inpainted.png", draw(0, 40, 50, 3))
    turned = succeeded(
        inpaint(
            tmp_path / "side.png", "--mask", tmp_path / "side_hole.png", "--method", "telea", "-o", tmp_path / "t.png"
        )
    )
    assert "the mask turned as the photo's EXIF" in turned.stderr
    assert (tmp_path / "t.png").read_bytes() == (tmp_path / "side.inpainted.png").read_bytes()


def test_depth_profile_and_metadata_are_kept(tmp_path: Path, mask: Path) -> None:
    from img2img.images.metadata.carrying import Carried
    from img2img.images.photo import NO_METADATA
    from img2img.images.tiff import write_tiff

    samples = draw(0, 40, 50, 4, 16)
    with (tmp_path / "deep.tif").open("wb") as file:
        write_tiff(samples, file, Carried(None, None, NO_METADATA))
    succeeded(inpaint(tmp_path / "deep.tif", "--mask", mask, "--method", "telea"))
    made = read_photo(tmp_path / "deep.inpainted.tif", integers=True).pixels.numpy().transpose(1, 2, 0)
    assert made.dtype == np.uint16 and np.array_equal(made[HOLE == 0], samples[..., :3][HOLE == 0])
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(draw(0, 40, 50, 3)).save(tmp_path / "p.jpg", exif=exif, icc_profile=profile)
    succeeded(inpaint(tmp_path / "p.jpg", "--mask", mask, "--method", "telea"))
    with Image.open(tmp_path / "p.inpainted.jpg") as result:
        assert result.getexif()[0x010F] == "a camera" and result.info["icc_profile"] == profile


def test_a_folder_and_one_mask_and_the_same_call_again(tmp_path: Path, mask: Path) -> None:
    for number in range(3):
        path = tmp_path / f"in/{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(draw(number, 40, 50, 3)).save(path)
    call = [tmp_path / "in", "--mask", mask, "--method", "telea", "-o", tmp_path / "out", "--json"]
    for state in ("written", "skipped"):
        lines = [json.loads(line) for line in succeeded(inpaint(*call)).stdout.splitlines()]
        assert [line["state"] for line in lines] == [state] * 3 and lines[0]["mask"] == str(mask)
    for number in range(3):
        assert_filled(tmp_path / f"out/{number}.png", draw(number, 40, 50, 3))


def test_pipes(photo: Path, mask: Path, tmp_path: Path) -> None:
    def piped(*arguments: object, given: Path) -> Result:
        call = ["inpaint", *map(str, arguments), "--method", "telea", "--device", "cpu"]
        return CliRunner().invoke(app, call, input=given.read_bytes(), catch_exceptions=False)

    out = piped("-", "--mask", mask, given=photo)
    assert_filled(io.BytesIO(out.stdout_bytes), draw(0, 40, 50, 3))  # type: ignore[arg-type]
    by_mask = piped(photo, "--mask", "-", "-o", "-", given=mask)
    assert by_mask.stdout_bytes == out.stdout_bytes
    succeeded(piped(photo, "--mask", "-", given=mask))
    assert (tmp_path / "photo.inpainted.png").read_bytes() == out.stdout_bytes
    again = piped(photo, "--mask", "-", "--json", given=mask)
    assert json.loads(again.stdout)["state"] == "skipped", "the mask is known by its content"
    both = piped("-", "--mask", "-", given=photo)
    assert both.exit_code == 2 and "stdin holds one of them" in both.stderr
    (two := tmp_path / "two").write_bytes(2 * mask.read_bytes())
    several = piped(photo, "--mask", "-", "-o", tmp_path / "new.png", given=two)
    assert several.exit_code == 2 and "holds 2 pictures" in several.stderr and not (tmp_path / "new.png").exists()
    folder = piped("-", "--mask", tmp_path, given=photo)
    assert folder.exit_code == 2 and "a photo from stdin has no name" in folder.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--threshold", 2], "--threshold 2.0: allowed: above 0, up to 1"),
        (["--method", "telea", "--model", "x"], "--method telea takes no --model"),
        (["--mask", "gone.png", "--method", "telea"], "--mask gone.png: no such file or folder"),
        (["--model", "nothing"], "nothing: neither a file"),
        (["--model", "{weights}", "--tile", 8], "--tile 8: this network takes squares of"),
        (["--method", "telea", "--shard", "3/2"], "--shard 3/2"),
    ],
)
def test_wrong_usage_is_one_line(options: list[object], said: str, photo: Path, mask: Path, tmp_path: Path) -> None:
    weights = write_inpainter(tmp_path / "w.safetensors")
    given = [str(option).format(weights=weights) for option in options]
    result = inpaint(photo, *([] if "--mask" in given else ["--mask", mask]), *given)
    assert result.exit_code == 2 and said in result.stderr and len(result.stderr.splitlines()) == 1


def test_what_fits_no_mask_is_one_line(photo: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((40, 50), 255, np.uint8)).save(tmp_path / "all.png")
    result = inpaint(photo, "--mask", tmp_path / "all.png", "--method", "telea")
    assert result.exit_code == 1 and "the mask covers the whole photo" in result.stderr
    result = inpaint(photo, "--mask", "alpha", "--method", "telea")
    assert result.exit_code == 1 and "the photo has no transparency" in result.stderr
