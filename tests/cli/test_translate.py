"""`img2img translate`: the right direction, any size, kind to the photo, safe with files."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from support.running import img2img, succeeded
from torch import nn

from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.translators import ResnetSpec, UNetSpec
from img2img.networks import build
from img2img.weights.files import save


def constant(spec: ResnetSpec, value: float) -> nn.Module:
    """A network whose every output is tanh(value), whatever it sees."""
    network = build(spec)
    last = [module for module in network.modules() if isinstance(module, nn.Conv2d)][-1]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, value)
    return network


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Two directions that cannot be mistaken: to zebras gives white, to horses gives black."""
    spec = ResnetSpec(width=4, blocks=1)
    networks = {"a_to_b": constant(spec, 20.0), "b_to_a": constant(spec, -20.0)}
    cards = {
        "a_to_b": NetworkCard(spec=spec, source="horses", target="zebras"),
        "b_to_a": NetworkCard(spec=spec, source="zebras", target="horses"),
    }
    path = tmp_path_factory.mktemp("model") / "animals.safetensors"
    save(path, networks, ModelCard(task="translate", networks=cards))
    return path


@pytest.fixture(scope="module")
def unet(tmp_path_factory):
    """A U-Net with dropout and random weights."""
    torch.manual_seed(0)
    spec = UNetSpec(width=4, levels=3, dropout=0.5)
    path = tmp_path_factory.mktemp("unet") / "unet.safetensors"
    save(path, {"g": build(spec)}, ModelCard(task="translate", networks={"g": NetworkCard(spec=spec, target="out")}))
    return path


def photo(path, size=(30, 21), mode="RGB", seed=0, **settings):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    image = Image.fromarray(pixels, "RGBA")
    image.convert(mode).save(path, **settings) if mode != "RGBA" else image.save(path, **settings)
    return path


def translate(*arguments):
    return img2img("translate", "--device", "cpu", *arguments)


def test_the_direction_is_chosen_by_the_domains_name(model, tmp_path):
    source = photo(tmp_path / "p.png")
    succeeded(translate(source, "--model", model, "--to", "zebras"))
    succeeded(translate(source, "--model", model, "--to", "horses"))
    assert np.asarray(Image.open(tmp_path / "p.zebras.png")).min() == 255
    assert np.asarray(Image.open(tmp_path / "p.horses.png")).max() == 0


def test_to_all_makes_a_result_for_each_domain_or_none(model, tmp_path):
    source = photo(tmp_path / "p.png")
    (tmp_path / "p.horses.png").write_bytes(b"mine")
    result = translate(source, "--model", model, "--to", "all")
    assert result.exit_code == 2 and "p.horses.png exists already" in result.stderr
    assert not (tmp_path / "p.zebras.png").exists(), "refused before any work"
    (tmp_path / "p.horses.png").unlink()
    succeeded(translate(source, "--model", model, "--to", "all"))
    assert np.asarray(Image.open(tmp_path / "p.zebras.png")).min() == 255
    assert np.asarray(Image.open(tmp_path / "p.horses.png")).max() == 0
    piped = translate("-", "--model", model, "--to", "all", "-o", "-")
    assert piped.exit_code == 2 and "- is for one result, and there are 2 of each photo" in piped.stderr


def test_variants_of_a_network_with_dropout_want_noise(model, unet, tmp_path):
    source = photo(tmp_path / "p.png")
    refused = translate(source, "--model", unet, "--variants", 2)
    assert refused.exit_code == 2 and "makes one picture of a photo" in refused.stderr
    succeeded(translate(source, "--model", unet, "--variants", 2, "--noise", "--seed", 7))
    made = [(tmp_path / f"p.out-{number}.png").read_bytes() for number in (7, 8)]
    succeeded(translate(source, "--model", unet, "--noise", "--seed", 8, "-o", tmp_path / "one.png"))
    assert made[1] == (tmp_path / "one.png").read_bytes() != made[0]


def test_a_strip_never_takes_the_place_of_a_photo(model, tmp_path):
    source = photo(tmp_path / "p.png")
    before = source.read_bytes()
    for sources in (source, tmp_path):
        result = translate(sources, "--model", model, "--to", "all", "--variants", source, "--on-existing", "overwrite")
        assert result.exit_code == 2 and "must not overwrite a photo" in result.stderr
    assert source.read_bytes() == before


def test_a_strip_of_wide_photos_is_no_higher_than_they_are(model, tmp_path):
    folder = tmp_path / "wide"
    folder.mkdir()
    for number in range(3):
        photo(folder / f"{number}.png", (80, 20), seed=number)
    succeeded(translate(folder, "--model", model, "--to", "all", "--variants", tmp_path / "strip.png"))
    strip = Image.open(tmp_path / "strip.png")
    assert strip.width > 3 * 256 and 3 * 64 < strip.height < 3 * 64 + 64, "a caption, and three rows of 64 px"


def test_a_strip_wants_photos_in_files(model, tmp_path):
    strip = ["--model", model, "--to", "all", "--variants", tmp_path / "strip.png"]
    (tmp_path / "empty").mkdir()
    for source, said in ((tmp_path / "empty", "no photo in it"), ("-", "not of stdin")):
        result = translate(source, *strip)
        assert result.exit_code == 2 and said in result.stderr


@pytest.mark.parametrize(
    "options", [["--report", "page.html"], ["--shard", "1/2"], ["--format", "jpg"], ["--quality", 90], ["--json"]]
)
def test_what_says_nothing_of_a_strip_is_refused(model, tmp_path, options):
    strip = tmp_path / "strip.png"
    result = translate(photo(tmp_path / "p.png"), "--model", model, "--to", "all", "--variants", strip, *options)
    assert result.exit_code == 2 and f"{options[0]}: is for a file for each photo" in result.stderr
    assert not strip.exists()


def test_an_ambiguous_or_unknown_direction_names_those_there_are(model, tmp_path):
    source = photo(tmp_path / "p.png")
    for extra in ([], ["--to", "cows"]):
        result = translate(source, "--model", model, *extra)
        assert result.exit_code == 2 and "zebras" in result.stderr and "horses" in result.stderr
        assert extra or ", or all" in result.stderr


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (8, 8), (31, 17), (64, 5)])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_any_size_and_mode_comes_back_as_it_went_in(unet, tmp_path, size, mode):
    source = photo(tmp_path / "p.png", size, mode)
    succeeded(translate(source, "--model", unet, "-o", tmp_path / "out.png"))
    result = Image.open(tmp_path / "out.png")
    assert result.size == size
    if mode == "RGBA":
        assert np.array_equal(np.asarray(result)[..., 3], np.asarray(Image.open(source))[..., 3])


def test_orientation_is_applied(model, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    source = photo(tmp_path / "p.jpg", (30, 20), exif=exif)
    succeeded(translate(source, "--model", model, "--to", "zebras", "-o", tmp_path / "out.jpg"))
    result = Image.open(tmp_path / "out.jpg")
    assert result.size == (20, 30) and result.getexif().get(0x0112, 1) == 1


def test_a_folder_gives_what_single_calls_give(unet, tmp_path):
    (tmp_path / "in/deep").mkdir(parents=True)
    photo(tmp_path / "in/a.png", seed=1)
    photo(tmp_path / "in/deep/b.jpg", (17, 40), seed=2)
    succeeded(translate(tmp_path / "in", "--model", unet, "-o", tmp_path / "out"))
    for name in ("a.png", "deep/b.jpg"):
        succeeded(translate(tmp_path / "in" / name, "--model", unet, "-o", tmp_path / "single" / name))
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "single" / name).read_bytes()


def test_dropout_is_off_unless_noise_asks_for_it(unet, tmp_path):
    source = photo(tmp_path / "p.png")
    written = {}
    for name, extra in {"1": [], "2": [], "n1": ["--noise"], "n2": ["--noise", "--seed", 1]}.items():
        succeeded(translate(source, "--model", unet, "-o", tmp_path / f"{name}.png", *extra))
        written[name] = (tmp_path / f"{name}.png").read_bytes()
    assert written["1"] == written["2"]
    assert len(set(written.values())) == 3


def test_existing_results_are_left_alone_unless_told(model, tmp_path):
    source = photo(tmp_path / "p.png")
    target = tmp_path / "p.zebras.png"
    target.write_bytes(b"mine")
    command = [source, "--model", model, "--to", "zebras"]
    result = translate(*command)
    assert result.exit_code == 2 and "exists already" in result.stderr and target.read_bytes() == b"mine"
    succeeded(translate(*command, "--on-existing", "skip"))
    assert target.read_bytes() == b"mine"
    succeeded(translate(*command, "--on-existing", "overwrite"))
    assert target.read_bytes() != b"mine"


def test_one_bad_file_is_reported_and_the_rest_goes_on(model, tmp_path):
    (tmp_path / "in").mkdir()
    photo(tmp_path / "in/good.png")
    (tmp_path / "in/text.jpg").write_text("not a photo")
    photo(tmp_path / "in/cut.jpg", (64, 64))
    (tmp_path / "in/cut.jpg").write_bytes((tmp_path / "in/cut.jpg").read_bytes()[:900])
    result = translate(tmp_path / "in", "--model", model, "--to", "zebras", "-o", tmp_path / "out", "--json")
    assert result.exit_code == 1 and "2 of 3 photos failed" in result.stderr
    reports = {line["source"].split("/")[-1]: line for line in map(json.loads, result.stdout.splitlines())}
    assert {name: line["state"] for name, line in reports.items()} == {
        "good.png": "written",
        "text.jpg": "failed",
        "cut.jpg": "failed",
    }
    assert "cut.jpg" in reports["cut.jpg"]["error"]
    assert [path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")] == ["good.png"]


@pytest.mark.slow
def test_a_photo_through_pipes(model, tmp_path):
    source = photo(tmp_path / "p.png")
    command = [
        sys.executable,
        "-m",
        "img2img",
        "translate",
        "-",
        "--model",
        str(model),
        "--to",
        "zebras",
        "--device",
        "cpu",
    ]
    done = subprocess.run(command, input=source.read_bytes(), capture_output=True, check=True, timeout=120)
    (tmp_path / "out.png").write_bytes(done.stdout)
    assert np.asarray(Image.open(tmp_path / "out.png")).min() == 255


def test_weights_of_another_task_are_refused(tmp_path):
    spec = ResnetSpec(width=4, blocks=1)
    card = ModelCard(task="upscale", networks={"g": NetworkCard(spec=spec)})
    save(tmp_path / "up.safetensors", {"g": build(spec)}, card)
    result = translate(photo(tmp_path / "p.png"), "--model", tmp_path / "up.safetensors")
    assert result.exit_code == 2 and "holds weights to upscale, not to translate" in result.stderr


def test_a_run_is_a_model(pairs, tmp_path):
    from support.running import train

    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 1, "--name-b", "negatives", out=tmp_path / "run"))
    result = succeeded(translate(photo(tmp_path / "p.jpg"), "--model", tmp_path / "run"))
    assert result.stdout.strip() == str(tmp_path / "p.negatives.jpg")


def test_the_noise_of_a_photo_is_that_of_the_seed_whatever_comes_before_it(unet, tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(3):
        photo(tmp_path / f"in/{number}.png", seed=number)
    succeeded(translate(tmp_path / "in", "--model", unet, "--noise", "--seed", 5, "-o", tmp_path / "out"))
    for number in (2, 1):
        alone = tmp_path / f"alone/{number}.png"
        succeeded(translate(tmp_path / f"in/{number}.png", "--model", unet, "--noise", "--seed", 5, "-o", alone))
        assert (tmp_path / f"out/{number}.png").read_bytes() == alone.read_bytes()
