"""`img2img evaluate translate`, with Inception's weights drawn by chance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.drawing import draw
from support.running import img2img, succeeded
from torch import nn

from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.translators import ResnetSpec
from img2img.networks import build
from img2img.weights.files import save

SPEC = ResnetSpec(width=4, blocks=1)


pytestmark = pytest.mark.usefixtures("home")


def constant(value: float) -> nn.Module:
    """A network whose every output is tanh(value), whatever it sees."""
    network = build(SPEC)
    last = [module for module in network.modules() if isinstance(module, nn.Conv2d)][-1]
    nn.init.zeros_(last.weight)
    assert last.bias is not None
    nn.init.constant_(last.bias, value)
    return network


def write_model(path: Path, **ways: float) -> Path:
    """Ways by name, a_to_b or b_to_a, each to one constant level; a is horses, b zebras."""
    names = {"a": "horses", "b": "zebras"}
    cards = {way: NetworkCard(spec=SPEC, source=names[way[0]], target=names[way[-1]]) for way in ways}
    networks = {way: constant(value) for way, value in ways.items()}
    save(path, networks, ModelCard(task="translate", networks=cards))
    return path


def write(folder: Path, pictures: list[np.ndarray]) -> Path:
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(folder / f"{number}.png")
    return folder


def flat(level: int, count: int = 4) -> list[np.ndarray]:
    return [np.full((24, 24 + 8 * (number % 2), 3), level, np.uint8) for number in range(count)]


def evaluate(inception: Path, *arguments: object) -> Any:
    return img2img("evaluate", "translate", *arguments, "--inception", inception, "--device", "cpu")


def by_way(inception: Path, *arguments: object) -> dict[str, dict[str, Any]]:
    told = json.loads(succeeded(evaluate(inception, *arguments, "--json")).stdout)["comparisons"]
    return {comparison["name"]: comparison for comparison in told}


@pytest.mark.slow
def test_each_way_is_compared_with_the_domain_it_leads_to(inception: Path, tmp_path: Path) -> None:
    """To zebras all is white, and zebras are: no distance. To horses all is black, and horses are grey."""
    model = write_model(tmp_path / "m.safetensors", a_to_b=20.0, b_to_a=-20.0)
    horses, zebras = write(tmp_path / "a", flat(102)), write(tmp_path / "b", flat(255))
    found = by_way(inception, "--model", model, "--a", horses, "--b", zebras)
    assert list(found) == ["horses → zebras", "zebras → horses"]
    there, back = (found[way]["figures"] for way in found)
    assert abs(there["fid"]) < 1e-3 and abs(there["kid"]) < 1e-6 and back["fid"] > 0.1
    assert there.keys() == {"fid", "kid", "kid_deviation", "cycle_l1"}, "nothing to a pair that there is not"
    assert there["cycle_l1"] == pytest.approx(40) and back["cycle_l1"] == pytest.approx(0)


@pytest.mark.parametrize("trained_on", [True, False])
def test_pairs_and_one_way(trained_on: bool, inception: Path, tmp_path: Path) -> None:
    """From the right half to the left: black where it should be a fifth of white; also where only val/ is there."""
    model = write_model(tmp_path / "m.safetensors", b_to_a=-20.0)
    halves = [np.concatenate([flat(51, 1)[0], draw(number, 24, 24)], axis=1) for number in range(4)]
    write(tmp_path / "pairs/val", halves)
    if trained_on:
        write(tmp_path / "pairs/train", [halves[0]])
    (way,) = by_way(inception, "--model", model, "--pairs", tmp_path / "pairs").values()
    assert way["name"] == "zebras → horses" and way["protocol"]["pictures"] == 4
    assert way["figures"]["l1"] == pytest.approx(20) and "cycle_l1" not in way["figures"]


def test_the_table_and_what_fails(inception: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.safetensors", a_to_b=20.0)
    a, b = write(tmp_path / "a", flat(102, 5)), write(tmp_path / "b", flat(200))
    (a / "0.png").write_bytes((a / "0.png").read_bytes()[:-30])
    result = evaluate(inception, "--model", model, "--a", a, "--b", b)
    assert result.exit_code == 1 and "0.png" in result.stderr and "1 of 9 readings failed" in result.stderr
    for part in ("horses → zebras", "FID", "KID", "N: 4 against 4", "rounded to 8 bits"):
        assert part in result.stdout
    assert "order 1/N" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--a", "{a}", "--b", "{a}"], "--model"),
        (["--model", "{m}"], "--a DIR and --b DIR"),
        (["--model", "{m}", "--a", "{a}"], "--a DIR and --b DIR"),
        (["--model", "{m}", "--a", "{a}", "--b", "{a}", "--pairs", "{a}"], "--a DIR and --b DIR"),
        (["--model", "{m}", "--a", "{a}", "--b", "{a}/gone"], "no such folder"),
        (["--model", "{m}", "--a", "{a}", "--b", "{empty}"], "--b"),
        (["--model", "{m}", "--a", "{a}", "--b", "{few}"], "sets of 4 and 3 pictures"),
        (["--model", "{a}/gone", "--a", "{a}", "--b", "{a}"], "neither a file"),
        (["--model", "{m}", "--a", "{a}", "--b", "{a}", "--inception", "{a}/gone"], "gone: cannot be read"),
    ],
)
def test_wrong_usage_is_one_line_before_any_work(tmp_path: Path, options: list[str], said: str) -> None:
    torch.manual_seed(0)
    names = {
        "m": write_model(tmp_path / "m.safetensors", a_to_b=20.0),
        "a": write(tmp_path / "a", flat(9)),
        "few": write(tmp_path / "few", flat(9, 3)),
        "empty": write(tmp_path / "empty", []),
    }
    result = img2img("evaluate", "translate", *(option.format(**names) for option in options))
    assert result.exit_code == 2 and said in result.stderr
    assert result.stdout == "" and len(result.stderr.splitlines()) == 1
