"""`import img2img`: train and load, by the same options as the commands."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import torch

import img2img
from img2img.config.errors import UserError

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

from make_stub import STUB, stub

TINY = {"size": 32, "steps": 2, "batch_size": 1, "workers": 0, "samples": 1, "tensorboard": False, "device": "cpu"}


def test_a_translator_is_trained_and_applied(pairs, tmp_path, capsys):
    run = img2img.train("pix2pix", pairs=pairs, width=4, critic_width=4, levels=3, out=tmp_path / "run", **TINY)
    assert run == tmp_path / "run"
    told = capsys.readouterr()
    assert not told.out
    assert "step" in told.err and "\x1b" not in told.err
    picture = torch.rand(3, 40, 40) * 2 - 1
    assert img2img.load(run)(picture).shape == picture.shape


def test_a_run_that_is_done_gives_its_folder_again(pairs, tmp_path):
    given = {"width": 4, "critic_width": 4, "levels": 3, "out": str(tmp_path / "run"), **TINY}
    first = img2img.train("pix2pix", pairs=str(pairs), **given)
    assert img2img.train("pix2pix", pairs=str(pairs), resume=True, **given) == first


def test_a_generator_from_noise_draws(domains, tmp_path):
    run = img2img.train(
        "gan", images=domains[0], network="dcgan", width=4, critic_width=4, out=tmp_path / "run", **TINY
    )
    draw = img2img.load(run, task="sample")
    four = draw(4, seed=3)
    assert four.shape == (4, 3, 32, 32)
    assert four.abs().max() <= 1 + 1e-6
    assert torch.allclose(four[2], draw(1, seed=5)[0], atol=1e-5)
    assert not torch.equal(four[0], four[1])


@pytest.mark.parametrize(
    ("recipe", "given", "says"),
    [
        ("pix3pix", {}, "pix3pix.*there are pix2pix"),
        ("pix2pix", {"stepz": 2}, "stepz: no option.*did you mean steps"),
        ("pix2pix", {"preset": "papr"}, "papr.*paper"),
        ("pix2pix", {"steps": -2}, "--steps.*-2"),
        ("pix2pix", {"pairs": "nowhere"}, "nowhere"),
        ("pix2pix", {"pairs": "nowhere", "out": "a\0b"}, "no name has a NUL"),
        ("pix2pix", {"pairs": "nowhere", "out": "x" * 300}, "no folder for a run .*too long"),
        ("pix2pix", {"config": {"steps": 2}}, "config: .*not dict"),
    ],
)
def test_what_does_not_do_is_said_in_one_line(recipe, given, says, tmp_path):
    with pytest.raises(UserError, match=says) as caught:
        img2img.train(recipe, **({"out": tmp_path / "run"} | given))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_the_stub_has_every_option():
    """Else: python tools/make_stub.py && ruff format img2img/__init__.pyi"""
    assert ast.dump(ast.parse(STUB.read_text(encoding="utf-8"))) == ast.dump(ast.parse(stub()))
