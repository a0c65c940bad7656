"""`img2img data check | preview`."""

from __future__ import annotations

from PIL import Image
from support.running import img2img, succeeded


def test_check_counts(pairs, domains):
    assert "6" in succeeded(img2img("data", "check", "--pairs", pairs)).stdout
    said = succeeded(img2img("data", "check", "--a", domains[0], "--b", domains[1])).stdout
    assert "horses" in said and "zebras" in said and "40x40" in said


def test_what_cannot_be_read_is_said_once(domains, tmp_path):
    (tmp_path / "a").mkdir()
    for name in ("0.png", "1.png"):
        (tmp_path / "a" / name).write_bytes((domains[0] / name).read_bytes())
    (tmp_path / "a" / "2.png").write_bytes(b"damaged")
    result = img2img("data", "check", "--images", tmp_path / "a")
    assert result.exit_code == 2 and result.output.count("2.png") == 1 and "2.png" in result.stderr


def test_two_folders_are_pairs_where_that_is_said(domains, tmp_path):
    sides = ["--a", domains[0], "--b", domains[1]]
    assert "pairs by name" in succeeded(img2img("data", "check", *sides, "--paired")).stdout
    assert "pairs by name" not in succeeded(img2img("data", "check", *sides)).stdout
    options = ["--size", 32, "--samples", 2, "--out", tmp_path / "sheet.png"]
    succeeded(img2img("data", "preview", *sides, "--paired", *options))
    (tmp_path / "b").mkdir()
    for number in range(5):
        (tmp_path / "b" / f"{number}.png").write_bytes((domains[1] / f"{number}.png").read_bytes())
    alone = img2img("data", "check", *sides[:3], tmp_path / "b", "--paired")
    assert alone.exit_code == 2 and "5.png" in alone.stderr
    refused = img2img("data", "check", "--a", domains[0], "--paired")
    assert refused.exit_code == 2 and "--b" in refused.stderr


def test_preview_writes_a_sheet(pairs, tmp_path):
    options = ["--size", 32, "--rotate", 20, "--colour", 0.3, "--jpeg", 0.5, "--samples", 2]
    result = succeeded(img2img("data", "preview", "--pairs", pairs, *options, "--out", tmp_path / "sheet.png"))
    assert str(tmp_path / "sheet.png") in result.stdout
    assert Image.open(tmp_path / "sheet.png").width > 64


def test_a_set_without_sides(domains, tmp_path):
    assert "horses" in succeeded(img2img("data", "check", "--images", domains[0])).stdout
    options = ["--size", 32, "--degrade", "photo", "--photo-jpeg", 20, "--samples", 2, "--scale", 2]
    sheets = [tmp_path / "plain.png", tmp_path / "degraded.png"]
    succeeded(img2img("data", "preview", "--images", domains[0], "--size", 32, "--samples", 2, "--out", sheets[0]))
    succeeded(img2img("data", "preview", "--images", domains[0], *options, "--out", sheets[1]))
    assert sheets[0].read_bytes() != sheets[1].read_bytes()


def test_degradation_goes_with_images(pairs, domains, tmp_path):
    result = img2img("data", "preview", "--pairs", pairs, "--degrade", "photo", "--out", tmp_path / "sheet.png")
    assert result.exit_code == 2 and "go with --images DIR" in result.stderr
    result = img2img("data", "preview", "--images", domains[0], "--degrade", "photo", "--size", 30)
    assert result.exit_code == 2 and "30 x 30 px cannot become 4 times smaller" in result.stderr


def test_options_of_the_other_kind_are_refused(pairs):
    result = img2img("data", "check", "--pairs", pairs, "--a", pairs)
    assert result.exit_code == 2 and "one of --pairs DIR" in result.stderr


def test_dry_run_leaves_nothing(pairs, tmp_path):
    out = tmp_path / "run"
    result = succeeded(img2img("train", "pix2pix", "--preset", "quick", "--pairs", pairs, "--dry-run", "--out", out))
    assert "sees 34 × 34 px" in result.stderr and "parameters" in result.stderr and "s a step" in result.stderr
    assert not out.exists()


def test_masks_are_written_checked_and_shown(domains, tmp_path):
    holes = ["--masks", "boxes", "--largest-hole", 0.2]
    result = succeeded(img2img("data", "masks", "--out", tmp_path / "masks", "--count", 2, "--seed", 7, *holes))
    assert result.stdout.split() == [str(tmp_path / "masks" / name) for name in ("0.png", "1.png")]
    assert "seed 7, white is the hole" in result.stderr and "of boxes, 0.01 to 0.2" in result.stderr
    images = ["--images", domains[0], "--size", 32]
    said = succeeded(img2img("data", "check", *images, "--mask-folder", tmp_path / "masks")).stdout
    assert "horses" in said and "share of the picture that is hole" in said and "folder" in said
    assert "hole" not in succeeded(img2img("data", "check", *images)).stdout
    sheets = [tmp_path / name for name in ("one.png", "again.png", "other.png")]
    for sheet, seed in zip(sheets, (1, 1, 2), strict=True):
        succeeded(img2img("data", "preview", *images, *holes, "--samples", 1, "--seed", seed, "--out", sheet))
    one, again, other = (sheet.read_bytes() for sheet in sheets)
    assert one == again != other


def test_masks_go_with_images(pairs, domains, tmp_path):
    result = img2img("data", "check", "--pairs", pairs, "--masks", "boxes")
    assert result.exit_code == 2 and "go with --images DIR" in result.stderr
    result = img2img("data", "preview", "--images", domains[0], "--masks", "boxes", "--degrade", "photo")
    assert result.exit_code == 2 and "either low resolutions or masks" in result.stderr
    result = img2img("data", "masks", "--out", tmp_path / "x", "--masks", "folder")
    assert result.exit_code == 2 and "--mask-folder DIR" in result.stderr and not (tmp_path / "x").exists()
