"""The toy bench: its counting is exact, and a short run through it learns."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import typer
from bench_ring import bench as bench_row
from bench_ring import draw, main, picture, start, train
from ring_mixtures import cover, grid, ring
from ring_rows import GRID_ROWS, ROWS

from img2img.adversarial import GAMES
from img2img.networks import build

SHAPES = {"ring": (ring(), 8), "grid": (grid(), 25)}
WITHIN_3_STD = 1 - math.exp(-4.5)
"""Share of a Gaussian in the plane within 3 standard deviations: the radius is Rayleigh-distributed."""


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_data_cover_themselves(shape):
    mixture, modes = SHAPES[shape]
    data = next(mixture.batches(seed=0, first_step=0, batch_size=10_000))["real"]
    counted = cover(data, mixture)
    assert (counted.modes, counted.found, counted.approached) == (modes, modes, modes)
    assert abs(counted.quality - WITHIN_3_STD) < 0.005
    assert data.abs().max() < 1 and counted.verdict == "converged"


def test_one_point_is_one_mode_and_a_collapse():
    mixture = ring()
    counted = cover(mixture.centres[3].expand(10_000, 2), mixture)
    assert (counted.found, counted.approached, counted.quality) == (1, 1, 1.0)
    assert counted.verdict == "collapsed"


@pytest.mark.parametrize("share, found", [(100, 2), (99, 1)])
def test_a_mode_is_found_from_one_per_cent_on(share, found):
    mixture = ring()
    samples = mixture.centres[[0] * (10_000 - share) + [5] * share]
    assert cover(samples, mixture).found == found


@pytest.mark.parametrize("distance, quality", [(2.99, 1.0), (3.01, 0.0)])
def test_three_standard_deviations_are_the_border(distance, quality):
    mixture = ring()
    samples = mixture.centres + torch.tensor([0.0, distance * mixture.std])
    assert cover(samples, mixture).quality == quality


def test_a_disc_over_the_ring_is_blurred_and_seven_sharp_modes_are_modes_lost():
    mixture = ring()
    assert cover(0.5 * mixture.centres, mixture).verdict == "blurred"
    assert cover(mixture.centres[:7], mixture).verdict == "modes lost"


def test_a_batch_depends_on_seed_rank_and_step_alone():
    mixture = ring()

    def first(**which: int) -> torch.Tensor:
        return next(mixture.batches(**({"seed": 1, "first_step": 2, "batch_size": 4, "rank": 0} | which)))["real"]

    through = mixture.batches(seed=1, first_step=0, batch_size=4)
    assert torch.equal([next(through)["real"] for _ in range(3)][2], first())
    assert not any(torch.equal(first(), first(**{name: 5})) for name in ("seed", "first_step", "rank"))


def test_every_game_has_a_row_and_every_row_can_be_built():
    assert list(ROWS)[: len(GAMES)] == list(GAMES)
    assert list(GRID_ROWS) == list(ROWS)
    for row in (*ROWS.values(), *GRID_ROWS.values()):
        build(row.critic)
        assert row.rules.critic == ("energy" if row.critic.network == "autoencoder-mlp" else "logit")


def test_150_steps_of_r3gan_come_nearer_to_the_modes():
    mixture = ring()
    trainer = start(ROWS["r3gan"], steps=150, seed=0)
    before = torch.cdist(draw(trainer), mixture.centres).amin(1).mean().item()
    train(trainer, mixture, 150)
    samples = draw(trainer)
    after = torch.cdist(samples, mixture.centres).amin(1).mean().item()
    assert trainer.step == 150 and after < 0.5 * before
    assert cover(samples, mixture).approached == 8


def test_the_sheet_has_a_panel_for_each_row():
    mixture = ring()
    result = bench_row("hinge", ROWS["hinge"], mixture, steps=1, seeds=1)
    sheet = picture([result] * 3, mixture, across=2, side=100)
    assert isinstance(sheet, Image.Image) and sheet.size == (200, 280)
    assert (249, 115, 22) in sheet.getdata(), "the modes are drawn"


def test_the_command_prints_a_line_of_json_for_each_row(tmp_path):
    app = typer.Typer()
    app.command()(main)
    said = CliRunner().invoke(
        app, ["--games", "hinge,began", "--steps", "2", "--seeds", "2", "--json", "--out", str(tmp_path)]
    )
    rows = [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]
    assert said.exit_code == 0 and [row["row"] for row in rows] == ["hinge", "began"]
    assert all(len(row["seeds"]) == 2 and row["critic lr"] for row in rows)
    assert (tmp_path / "ring.png").is_file()


def test_an_unknown_game_is_refused_with_the_names_there_are():
    app = typer.Typer()
    app.command()(main)
    said = CliRunner().invoke(app, ["--games", "wgan-pg"])
    assert said.exit_code == 2 and "wgan-pg" in said.output and "wgan-gp" in said.output
