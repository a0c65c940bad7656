"""What runs of earlier versions left can still be resumed and used: `data_of_old_runs` tells how they were made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support.running import img2img, succeeded

from img2img.training.folder.checkpoint import load_checkpoint
from img2img.weights.files import load

OLD = Path(__file__).parents[1] / "data_of_old_runs"
RUNS = {"pix2pix": "--pairs", "inpaint": "--images", "gan": "--images"}
"""Each command, and the option that names its data."""
ROUNDING = 2e-5
"""Another CPU may add in another order. A step moves a weight ten times as far: Adam's rate is 2e-4, here."""


@pytest.mark.parametrize("name", RUNS)
def test_an_old_run_is_resumed_as_if_it_had_not_stopped(name, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(OLD / name, run)
    data = [RUNS[name], OLD / "pairs"]
    fixed = ["--device", "cpu", "--precision", "fp32"]  # auto is bf16 on some CPUs
    result = succeeded(img2img("train", name, "--resume", "--out", run, *data, *fixed))
    assert "finished at step 4 of 4" in result.stderr

    before, after, wanted = (
        load_file(path / file)
        for path, file in (
            (OLD / name, "weights.safetensors"),
            (run, "weights.safetensors"),
            (run, "weights_at_the_end.safetensors"),
        )
    )
    assert after.keys() == wanted.keys()
    assert any(not torch.allclose(before[key], wanted[key], atol=ROUNDING) for key in wanted)
    for key, tensor in wanted.items():
        torch.testing.assert_close(
            after[key], tensor, rtol=0, atol=ROUNDING, msg=lambda text, key=key: f"{key}: {text}"
        )


@pytest.mark.parametrize("name", RUNS)
def test_an_old_runs_weights_are_read(name):
    networks, card = load(OLD / name / "weights.safetensors")
    assert card.recipe == name and card.steps == 2 and networks.keys() == card.networks.keys()


@pytest.mark.parametrize("name", RUNS)
def test_what_a_checkpoint_is_called_has_not_changed(name, tmp_path):
    """The same keys in the same places, so that an older version of the program reads it, too."""
    run = tmp_path / "run"
    shutil.copytree(OLD / name, run)
    succeeded(img2img("train", name, "--resume", "--out", run, RUNS[name], OLD / "pairs", "--device", "cpu"))
    old, new = (set(paths(load_checkpoint(path / "checkpoint.safetensors"))) for path in (OLD / name, run))
    assert old <= new
    # A network that has grown has moments for weights that had no gradient before; there are new options. Older
    # versions pass over the teachers.
    extra = [path for path in new - old if not path.startswith(("/players/", "/config/", "/teachers"))]
    assert not extra, extra


def paths(state: object, path: str = "") -> Iterator[str]:
    """Where the values of nested dictionaries are."""
    if not isinstance(state, dict):
        yield path
        return
    for key, value in state.items():
        yield from paths(value, f"{path}/{key}")
