"""`img2img train inpaint` by each of its presets, with tiny networks: what a run leaves."""

from __future__ import annotations

import pytest
from PIL import Image
from support.running import img2img, succeeded, train

from img2img.config.train.inpaint import InpaintConfig
from img2img.weights.files import read_card

SMALLER = {
    "paper": ["--critic-layers", 3],
    "context-encoder": ["--bottleneck", 8, "--critic-layers", 2],
    "quick": ["--blocks", 1, "--perceptual", 0],
}


@pytest.mark.parametrize("preset", InpaintConfig.presets)
def test_a_short_run(preset: str, domains, tmp_path) -> None:
    out = tmp_path / "run"
    options = ["--preset", preset, "--images", domains[0], "--steps", 2, "--batch-size", 2, *SMALLER[preset]]
    said = succeeded(train("inpaint", *options, out=out)).stderr
    assert "share of the picture that is hole" in said and "finished at step 2 of 2" in said
    card = read_card(out / "weights.safetensors")
    assert (card.task, card.recipe, card.game) == (
        "inpaint",
        "inpaint",
        InpaintConfig.presets[preset]["objective"].get("game", "hinge"),
    )
    assert card.data.startswith("horses (6 pictures), 32 px, holes (1 in the mask) of ")
    assert card.networks["inpaint"].size == 32
    assert "masked → completed, trained on squares of 32 px" in succeeded(img2img("weights", "info", out)).stdout
    sheet = Image.open(out / "samples/00000002.png")
    assert sheet.width > 4 * 32 and (out / "index.html").exists()


def test_options_that_do_not_go_together_are_one_line(domains, tmp_path) -> None:
    for options, complaint in (
        (["--stages", 1, "--generator", "light"], "--stages goes with --generator gated"),
        (["--masks", "folder"], "--mask-folder DIR"),
        (["--masks", "holes"], "'holes' is no kind of hole"),
        (["--generator", "context-encoder", "--size", 48], "--size 48: input should be 16, 32"),
    ):
        result = train("inpaint", "--images", domains[0], "--steps", 1, *options, out=tmp_path / "run")
        errors = [line for line in result.stderr.splitlines() if line.startswith("error")]
        assert result.exit_code == 2 and len(errors) == 1 and complaint in errors[0]
    assert not (tmp_path / "run").exists()
