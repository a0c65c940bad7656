"""`img2img evaluate sr`."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image
from support.running import img2img, succeeded
from support.upscalers import write_weights

from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.upscalers import LightSRSpec
from img2img.data.damage.matlab_resize import enlarge, shrink
from img2img.metrics import psnr, ssim
from img2img.networks import build
from img2img.weights.files import save

pytestmark = pytest.mark.usefixtures("home")


def pixels(path):
    return torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).float() / 127.5 - 1


def figures(*arguments):
    return json.loads(succeeded(img2img("evaluate", "sr", *arguments, "--json", "--device", "cpu")).stdout)


def test_the_baseline(truth):
    found = figures("--model", "bicubic", "--reference", truth, "--per-image")
    assert list(found["images"]) == ["1", "2", "in/3"] and found["pictures"] == 3
    reference = pixels(truth / "in/3.png")[:, :40, :48]
    result = enlarge(shrink(reference, 4, eight_bit=True), 4, eight_bit=True)
    assert found["images"]["in/3"]["psnr_y"] == pytest.approx(psnr(result, reference, border=4).item(), abs=1e-6)
    rgb = ssim(result, reference, channels="rgb", border=4).item()
    assert found["images"]["in/3"]["ssim_rgb"] == pytest.approx(rgb, abs=1e-6)
    for figure, mean in found["mean"].items():
        assert mean == pytest.approx(sum(row[figure] for row in found["images"].values()) / 3, abs=1e-9)
    assert found["protocol"]["border"] == 4 and "BT.601" in found["protocol"]["in_words"]


def test_given_low_resolutions_are_the_ones_that_would_be_made(truth, tmp_path):
    for name in ("1", "2", "in/3"):
        reference = pixels(truth / f"{name}.png")
        low = shrink(reference[:, : reference.shape[1] // 2 * 2, : reference.shape[2] // 2 * 2], 2, eight_bit=True)
        (tmp_path / "low" / name).parent.mkdir(parents=True, exist_ok=True)
        levels = ((low + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(levels).save(tmp_path / "low" / f"{name}.png")
    baseline = ["--model", "bicubic", "--reference", truth, "--scale", 2]
    assert figures(*baseline)["mean"] == figures(*baseline, "--low", tmp_path / "low")["mean"]


def test_results_equal_to_their_references(truth):
    found = figures("--images", truth, "--reference", truth, "--border", 0)
    assert -20 < found["mean"].pop("grid") < 20
    assert found["mean"] == {"psnr_y": "Infinity", "ssim_y": 1.0, "psnr_rgb": "Infinity", "ssim_rgb": 1.0}


def test_a_model(truth, tmp_path):
    torch.manual_seed(0)
    spec = LightSRSpec(width=4, blocks=1, scale=2)
    network = build(spec)
    card = ModelCard(task="upscale", networks={"high": NetworkCard(spec=spec, scale=2)})
    save(tmp_path / "model.safetensors", {"high": network}, card)
    model = ["--model", tmp_path / "model.safetensors", "--reference", truth]
    found = figures(*model)
    assert found["protocol"]["scale"] == 2 and found["mean"]["psnr_y"] > 10
    refused = img2img("evaluate", "sr", *model, "--scale", 3)
    assert refused.exit_code == 2 and "enlarges 2 times" in refused.stderr


def test_the_table_never_comes_without_its_protocol(truth):
    result = succeeded(img2img("evaluate", "sr", "--model", "bicubic", "--reference", truth, "--per-image"))
    for part in ("PSNR-Y", "SSIM-RGB", "in/3", "mean of 3", "border of 4 px", "MATLAB's bicubic"):
        assert part in result.stdout
    assert "LPIPS" not in result.stdout and "LPIPS-alex needs lpips_lin_alex.pth" in result.stderr


def test_a_broken_picture_is_reported_and_the_rest_goes_on(truth):
    name = truth / "1.png"
    name.write_bytes(name.read_bytes()[:-200])
    result = img2img("evaluate", "sr", "--model", "bicubic", "--reference", truth)
    assert result.exit_code == 1
    assert "1.png" in result.stderr and "1 of 3 pictures failed" in result.stderr
    assert "mean of 2" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--reference DIR"),
        (["--reference", "{truth}"], "one of --images DIR and --model NAME"),
        (["--reference", "{truth}", "--images", "{truth}", "--model", "bicubic"], "one of --images DIR"),
        (["--reference", "{truth}", "--images", "{truth}", "--low", "{truth}"], "--low"),
        (["--reference", "{truth}", "--images", "{truth}/in"], "1, 2, in/3"),
        (["--reference", "{truth}", "--model", "bicubic", "--low", "{truth}"], "must be 12x10"),
        (["--reference", "{truth}/gone", "--model", "bicubic"], "no such folder"),
        (["--reference", "{truth}", "--model", "nothing"], "neither a file"),
        (["--reference", "{truth}", "--model", "bicubic", "--lpips", "alex"], "lpips_lin_alex.pth"),
        (["--reference", "{truth}", "--model", "bicubic", "--scale", "9"], "--scale 9"),
    ],
)
def test_wrong_usage_is_one_line_before_any_work(truth, options, said):
    result = img2img("evaluate", "sr", *(option.format(truth=truth) for option in options))
    assert result.exit_code == 2 and said in result.stderr
    assert result.stdout == "" and len(result.stderr.splitlines()) == 1


def test_strength_goes_with_a_model(truth, tmp_path):
    own, other = (write_weights(tmp_path / f"{seed}.safetensors", seed=seed) for seed in (1, 2))
    asked = ["--model", own, "--blend", other, "--reference", truth]
    assert figures(*asked, "--strength", 0)["mean"] == figures("--model", other, "--reference", truth)["mean"]
    refused = img2img("evaluate", "sr", "--images", truth, "--reference", truth, "--strength", 0.5)
    assert refused.exit_code == 2 and "go with --model" in refused.stderr
