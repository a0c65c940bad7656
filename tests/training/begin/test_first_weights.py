"""A run that begins with what another one has learnt."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file
from support.running import succeeded, train

LIGHT = ["--preset", "psnr", "--generator", "light", "--blocks", 1, "--batch-size", 2]


@pytest.fixture(scope="module")
def run(domains, tmp_path_factory) -> Path:
    """A PSNR run of two steps."""
    out = tmp_path_factory.mktemp("starting") / "psnr"
    succeeded(train("srgan", *LIGHT, "--images", domains[0], "--steps", 2, out=out))
    return out


@pytest.mark.parametrize("given", ["folder", "file"])
def test_its_first_weights_are_the_others_last(given: str, run: Path, domains, tmp_path) -> None:
    model = run if given == "folder" else run / "weights.safetensors"
    options = [*LIGHT, "--images", domains[0], "--start-from", model, "--steps", 1, "--lr", 1e-30]
    succeeded(train("srgan", *options, out=tmp_path / "run"))
    before, after = load_file(run / "weights.safetensors"), load_file(tmp_path / "run/weights.safetensors")
    assert before.keys() == after.keys() and before["upscale.enter.weight"].any()
    assert all((before[key] - after[key]).abs().max() < 1e-6 for key in before)


def test_a_resumed_run_does_not_start_again(run: Path, domains, tmp_path) -> None:
    options = [*LIGHT, "--images", domains[0], "--start-from", run, "--steps", 1, "--lr", 1e-2]
    succeeded(train("srgan", *options, out=tmp_path / "run"))
    before = load_file(tmp_path / "run/weights.safetensors")
    succeeded(train("srgan", "--resume", "--steps", 2, "--lr", 1e-30, out=tmp_path / "run"))
    first = load_file(run / "weights.safetensors")["upscale.enter.weight"]
    resumed = load_file(tmp_path / "run/weights.safetensors")["upscale.enter.weight"]
    assert (resumed - before["upscale.enter.weight"]).abs().max() < (resumed - first).abs().max() / 2


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--width", 8, "--blocks", 3], "its network upscale has width 4, not 8, blocks 1, not 3"),
    ],
)
def test_other_networks_are_refused_by_what_differs(options, complaint, run: Path, domains, tmp_path) -> None:
    result = train(
        "srgan", *LIGHT, *options, "--images", domains[0], "--start-from", run, "--steps", 1, out=tmp_path / "run"
    )
    assert result.exit_code == 2 and complaint in result.output
    assert not (tmp_path / "run").exists()


def test_a_body_goes_under_another_head_and_what_is_left_out_is_said(run: Path, domains, tmp_path) -> None:
    options = [*LIGHT, "--head", "steps", "--scale", 2, "--images", domains[0], "--start-from", run, "--steps", 1]
    result = succeeded(train("srgan", *options, "--lr", 1e-30, out=tmp_path / "run"))
    said = " ".join(result.stderr.split())
    assert "nothing that fits upscale.up.0.weight" in said and "upscale.leave.weight" in said
    before, after = load_file(run / "weights.safetensors"), load_file(tmp_path / "run/weights.safetensors")
    body = [key for key in before if "leave" not in key]
    assert body and all((before[key] - after[key]).abs().max() < 1e-6 for key in body)
    assert not after["upscale.leave.weight"].abs().max() > 1e-6


def test_weights_of_another_task_are_refused(run: Path, pairs, tmp_path) -> None:
    result = train("pix2pix", "--pairs", pairs, "--start-from", run, "--steps", 1, out=tmp_path / "run")
    assert result.exit_code == 2 and "holds weights to upscale, not to translate" in result.output
