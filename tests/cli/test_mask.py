"""`img2img mask`, and the shapes of `img2img inpaint`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.drawing import draw
from support.inpainters import box
from support.running import img2img, succeeded

HOLE = box(40, 50, (10, 25, 12, 33))
SHAPE = ["--box", "12,10,21,15"]
TELEA = ["--method", "telea", "--device", "cpu"]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(draw(0, 40, 50, 3)).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def mask_of(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_the_mask_and_its_preview_lie_beside_the_photo(photo: Path) -> None:
    result = succeeded(img2img("mask", photo, *SHAPE))
    made, preview = photo.with_name("photo.mask.png"), photo.with_name("photo.mask.preview.jpg")
    assert result.stdout.split() == [str(made), str(preview)]
    assert np.array_equal(mask_of(made), HOLE * 255)
    shown, samples = np.asarray(Image.open(preview)).astype(int), mask_of(photo)
    differs = np.abs(shown - samples).max(axis=2) > 50
    assert differs[HOLE > 0].mean() > 0.9 and differs[HOLE == 0].mean() < 0.1
    again = succeeded(img2img("mask", photo, *SHAPE))
    assert again.stderr.count("done before") == 2
    made.write_bytes(photo.read_bytes())
    refused = img2img("mask", photo, *SHAPE)
    assert refused.exit_code == 2 and "exists already" in refused.stderr


def test_shapes_fill_as_their_mask_does(photo: Path, tmp_path: Path) -> None:
    succeeded(img2img("mask", photo, *SHAPE, "--circle", "40,30,6", "--grow", 2, "-o", tmp_path / "m.png"))
    succeeded(img2img("inpaint", photo, "--mask", tmp_path / "m.png", *TELEA, "-o", tmp_path / "a.png"))
    options = [*SHAPE, "--circle", "40,30,6", "--grow", 2]
    succeeded(img2img("inpaint", photo, *options, *TELEA, "-o", tmp_path / "b.png"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    Image.fromarray(HOLE * 255).save(tmp_path / "half.png")
    both = ["--mask", tmp_path / "half.png", "--circle", "40,30,6", "--grow", 2]
    succeeded(img2img("inpaint", photo, *both, *TELEA, "-o", tmp_path / "c.png"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "c.png").read_bytes()


def test_shapes_are_in_the_photo_as_it_is_shown(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.ascontiguousarray(np.rot90(draw(0, 40, 50, 3)))).save(tmp_path / "side.png", exif=exif)
    succeeded(img2img("mask", tmp_path / "side.png", *SHAPE))
    assert np.array_equal(mask_of(tmp_path / "side.mask.png"), HOLE * 255)


def test_one_set_of_shapes_for_a_folder(tmp_path: Path) -> None:
    sizes = {"a.png": (40, 50), "in/b.png": (30, 80)}
    for name, size in sizes.items():
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw(1, *size, 3)).save(tmp_path / "photos" / name)
    stamp = ["--box", "right-bottom,1,2,12,5"]
    succeeded(img2img("inpaint", tmp_path / "photos", *stamp, *TELEA, "-o", tmp_path / "out"))
    for name, (height, width) in sizes.items():
        before, after = mask_of(tmp_path / "photos" / name), mask_of(tmp_path / "out" / name)
        hole = box(height, width, (height - 7, height - 2, width - 13, width - 1))
        assert np.array_equal(before[hole == 0], after[hole == 0]) and (before != after).any()


def test_a_soft_edge_fades_and_ends(photo: Path, tmp_path: Path) -> None:
    succeeded(img2img("inpaint", photo, *SHAPE, *TELEA, "--feather", 4, "-o", tmp_path / "soft.png"))
    wide = ["--box", "12,10,21,15", "--grow", 4]
    succeeded(img2img("inpaint", photo, *wide, *TELEA, "-o", tmp_path / "wide.png"))
    before, soft, filled = (mask_of(path).astype(int) for path in (photo, tmp_path / "soft.png", tmp_path / "wide.png"))
    grown = box(40, 50, (6, 29, 8, 37))
    assert np.array_equal(soft[grown == 0], before[grown == 0]), "beyond the edge nothing changes"
    assert np.abs(soft - filled)[HOLE > 0].max() <= 1, "in the hole there is only what is filled"
    half = before[17, 9:12] + np.array([0.4, 0.6, 0.8])[:, None] * (filled[17, 9:12] - before[17, 9:12])
    assert np.abs(soft[17, 9:12] - half).max() <= 1
    succeeded(img2img("mask", photo, *SHAPE, "--feather", 4, "-o", tmp_path / "m.png"))
    assert mask_of(tmp_path / "m.png")[17, 7:13].tolist() == [0, 51, 102, 153, 204, 255]


def test_transparency_and_shapes_together_and_apart(tmp_path: Path) -> None:
    clear = box(40, 50, (30, 36, 3, 9))
    samples = np.concatenate([draw(0, 40, 50, 3), 255 * (1 - clear[..., None])], axis=2)
    Image.fromarray(samples).save(tmp_path / "p.png")
    succeeded(img2img("inpaint", tmp_path / "p.png", *SHAPE, *TELEA, "-o", tmp_path / "kept.png"))
    assert np.array_equal(mask_of(tmp_path / "kept.png")[..., 3], samples[..., 3]), "it is no hole"
    succeeded(img2img("mask", tmp_path / "p.png", *SHAPE, "--mask", "alpha", "-o", tmp_path / "m.png"))
    assert np.array_equal(mask_of(tmp_path / "m.png"), (HOLE | clear) * 255)
    succeeded(img2img("inpaint", tmp_path / "p.png", *SHAPE, "--mask", "alpha", *TELEA, "-o", tmp_path / "solid.png"))
    assert mask_of(tmp_path / "solid.png").shape == (40, 50, 3)


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--box", "1,2,3"], 2, "--box 1,2,3: write x,y,width,height"),
        (["--circle", "a,b,c"], 2, "--circle a,b,c: write x,y,radius"),
        (["--polygon", "1,1 2,2"], 2, "--polygon 1,1 2,2: write three points or more"),
        (["--pick", "5"], 2, "--pick 5: write x,y"),
        (["--grow", "-1", *SHAPE], 2, "--grow -1.0: input should be greater"),
        (["--feather", "0.5", *SHAPE], 2, "--feather"),
        ([], 2, "--mask is required, or a shape: --box, --circle, --polygon, --pick"),
        (["--box", "60,60,5,5"], 1, "no hole: no shape lies in the photo, 50 x 40 px"),
        (["--box", "0,0,100%,100%"], 1, "covers the whole photo, so that there is nothing to go by"),
        (["--pick", "70,10"], 1, "--pick 70,10: outside of the photo, 50 x 40 px"),
    ],
)
@pytest.mark.parametrize("command", ["inpaint", "mask"])
def test_bad_values_are_one_line(command: str, options: list[str], code: int, said: str, photo: Path) -> None:
    result = img2img(command, photo, *options, *(TELEA if command == "inpaint" else []))
    assert result.exit_code == code and said in result.stderr, result.stderr
    assert list(photo.parent.iterdir()) == [photo]


def test_a_result_of_other_shapes_is_made_again(photo: Path) -> None:
    for options, said in ((SHAPE, "photo.inpainted.png"), (SHAPE, "done before"), (["--pick", "3,3"], "inpainted.png")):
        result = succeeded(img2img("inpaint", photo, *options, *TELEA))
        assert said in result.stderr, (options, result.stderr)
    assert "done before" not in result.stderr
