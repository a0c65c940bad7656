"""The set of damaged photos: pairs of every kind, seeded, each with the damage that it is named for."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image
from support.upscalers import draw
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

from make_harsh_set import KINDS, coarse, jpeg, lowlight, main, mild, phone, scan, shrunk

app = typer.Typer()
app.command()(main)


def smooth(side: int = 128) -> np.ndarray:
    rows = np.linspace(30, 220, side, dtype=np.float32)
    return np.stack([np.broadcast_to(rows, (side, side)), np.full((side, side), 120), np.full((side, side), 90)], 2)


def made(photos: Path, out: Path, *options: str) -> dict[str, bytes]:
    done = CliRunner().invoke(app, [str(photos), str(out), *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.png"))}


def test_pairs_of_every_kind_follow_from_the_seed(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, size in enumerate(((150, 131), (64, 90), (70, 70))):
        Image.fromarray(draw(number, *size, 3)).save(photos / f"{number}.png")
    options = ["--side", "128", "--count", "2"]
    one, two = (made(photos, tmp_path / name, *options) for name in ("one", "two"))
    other = made(photos, tmp_path / "other", *options, "--seed", "1")
    assert one == two
    assert len(one) == len(KINDS) * 2 * 2
    for name, data in one.items():
        if "LR_x4" in name:
            assert data != other[name]
            high, low = (Image.open(tmp_path / "one" / path) for path in (name.replace("LR", "HR"), name))
            assert high.size == (low.width * 4, low.height * 4) and high.size in {(128, 128), (64, 64)}
    assert one["mild/HR_x4/0.png"] == one["harsh/phone/HR_x4/0.png"] != one["harsh/scan/HR_x4/0.png"]


@pytest.mark.parametrize("damage", KINDS.values())
def test_the_damage_keeps_the_colours_of_the_high_resolution(damage) -> None:
    for seed in range(4):
        high, low = damage(smooth(), 4, np.random.default_rng(seed))
        assert low.shape == (32, 32, 3)
        assert np.abs(np.median(low, (0, 1)) - np.median(high, (0, 1))).max() < 8


def test_harsh_is_farther_from_clean_than_mild() -> None:
    errors = {}
    for damage in (mild, phone, scan, lowlight):
        pairs = [
            damage(draw(seed, 128, 128, 3).astype(np.float32), 4, np.random.default_rng(seed)) for seed in range(6)
        ]
        errors[damage] = np.mean([np.abs(low - shrunk(high, 4)).mean() for high, low in pairs])
    assert min(errors[damage] for damage in (phone, scan, lowlight)) > 1.2 * errors[mild]


def test_coarse_noise_is_alike_among_neighbours() -> None:
    noise = coarse((200, 200), 3.0, np.random.default_rng(0))
    assert noise.shape == (200, 200) and abs(noise.std() - 1) < 1e-3
    assert (noise[:, 1:] * noise[:, :-1]).mean() > 0.6 > 0.1 > abs((noise[:, 12:] * noise[:, :-12]).mean())


def test_jpeg_is_worse_at_lower_quality() -> None:
    picture = draw(0, 64, 64, 3).astype(np.float32)
    assert np.abs(jpeg(picture, 40) - picture).mean() > np.abs(jpeg(picture, 90) - picture).mean() > 0


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    refused = CliRunner().invoke(app, [str(tmp_path / "none"), str(tmp_path / "out")])
    assert refused.exit_code == 2 and "none" in refused.output
