"""pix2pixHD in `train pix2pix`: several critics, a coarse generator and what is around it, label maps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.running import img2img, succeeded, train
from torch import Tensor, nn
from torch.nn.functional import interpolate

from img2img.config.base import Refusal
from img2img.config.networks.translators import EnhancerSpec, ResnetSpec
from img2img.config.toml import ConfigError, resolve
from img2img.config.train.cut import CutConfig
from img2img.config.train.pix2pix import Pix2pixConfig, Pix2pixOptimisation
from img2img.data.sides import Sides
from img2img.networks import build, count_parameters
from img2img.networks.layers.label_planes import LabelPlanes, borders
from img2img.networks.vgg19 import WEIGHTS_VARIABLE
from img2img.recipes.pix2pix import Pix2pix, in_colours
from img2img.recipes.shared.scales import Scales
from img2img.training.step.trainer import Trainer
from img2img.weights.files import load, read_card

SMALL = {"width": 4, "critic_width": 4, "critic_layers": 1, "blocks": 1, "dropout": 0.0}
ENHANCER = {"generator": "enhancer", "downsamplings": 1, "norm": "instance"}
PHASES = "coarse:2,local:1,both:1"
HD = ("pix2pixhd", "pix2pixhd-local")


def made(channels: tuple[int, int] = (3, 3), **sections: dict[str, Any]) -> Pix2pix:
    sections["networks"] = SMALL | sections.get("networks", {})
    sections["data"] = {"size": 32} | sections.get("data", {})
    torch.manual_seed(0)
    sides = Sides(dict(zip("ab", channels, strict=True)), {"a": "maps", "b": "photos"})
    return Pix2pix(resolve(Pix2pixConfig, sections), sides)


def batch() -> dict[str, Tensor]:
    torch.manual_seed(1)
    return {side: torch.rand(2, 3, 32, 32) * 2 - 1 for side in "ab"}


def halved_in_numpy(pictures: Tensor) -> np.ndarray:
    """Means of 3x3 px at stride 2, of those that lie in the picture."""
    values = pictures.detach().numpy()
    height, width = values.shape[2:]
    rows = [
        [values[:, :, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2].mean((2, 3)) for x in range(0, width, 2)]
        for y in range(0, height, 2)
    ]
    return np.stack([np.stack(row, -1) for row in rows], -2)


def test_each_critic_sees_half_of_what_the_one_before_sees_and_all_are_paid() -> None:
    recipe, data = made(networks={"critics": 3}, objective={"game": "lsgan", "feature_matching": 5.0}), batch()
    fakes = recipe.play(data)
    charged, paid = recipe.critic_terms(data, fakes), recipe.generator_terms(data, fakes)
    real, fake, given = data["b"], fakes["fake"], data["a"]
    for side, prefix in (("b", ""), ("b_half", "half/"), ("b_quarter", "quarter/")):
        critic = recipe.adversaries[side].critic
        on_real, on_fake = critic.features(real, given), critic.features(fake, given)
        wanted = 0.5 * ((on_real[-1] - 1) ** 2).mean() / 2
        assert abs(charged[f"{prefix}real"] - wanted) < 1e-5
        assert abs(paid[f"{prefix}fool"] - ((on_fake[-1] - 1) ** 2).mean() / 2) < 1e-5
        gaps = [(one - other).abs().mean() for one, other in zip(on_real[:-1], on_fake, strict=False)]
        assert abs(paid[f"{prefix}features"] - 5 * torch.stack(gaps).mean()) < 1e-5
        real, fake, given = (torch.tensor(halved_in_numpy(pictures)) for pictures in (real, fake, given))
    assert len(charged) == 6 and len(recipe.adversaries) == 3


def test_one_critic_is_as_before() -> None:
    recipe = made()
    assert list(recipe.adversaries) == ["b"] and isinstance(recipe.judges, Scales)
    assert set(recipe.critic_terms(batch(), recipe.play(batch()))) == {"real", "fake"}


def test_pictures_too_small_for_so_many_critics_are_refused() -> None:
    with pytest.raises(Refusal, match="--size 32: critic 3 of 3, patch, takes multiples of 4 px from 48 px on"):
        made(networks={"critics": 3, "critic_layers": 2})


def test_the_terms_of_vgg19_are_paid(vgg19: Path) -> None:
    objective = {"perceptual": 10.0, "perceptual_layers": "relu1_1", "vgg19": vgg19, "l1": 0.0}
    recipe, data = made(objective=objective), batch()
    terms = recipe.generator_terms(data, recipe.play(data))
    assert terms["perceptual"] > 0 and "l1" not in terms
    terms["perceptual"].backward()
    assert all(weight.grad is not None for weight in recipe.generators.parameters())
    same = {"fake": data["b"]}
    assert recipe.generator_terms(data, same)["perceptual"] == 0


def changed(recipe: Pix2pix) -> dict[str, bool]:
    """Which parts of the generator a bill reaches."""
    data = batch()
    recipe.generators.requires_grad_(True)
    recipe.generators.zero_grad()
    torch.stack(list(recipe.generator_terms(data, recipe.play(data)).values())).sum().backward()
    generator = recipe.generators["a_to_b"]
    slopes = {name: weight.grad is not None for name, weight in generator.named_parameters()}
    parts = {name: name.split(".")[0] for name in slopes}
    return {part: any(slopes[name] for name in slopes if parts[name] == part) for part in set(parts.values())}


def test_who_learns_in_which_phase() -> None:
    recipe = made(networks=ENHANCER, optimisation={"coarse_to_fine": PHASES})
    local = {"enter", "down", "blocks", "up", "leave"}
    recipe.phase = "coarse"
    assert changed(recipe) == {"coarse": True} | dict.fromkeys(local, False)
    assert recipe.play(batch())["fake"].shape == (2, 3, 16, 16)
    assert recipe.show(recipe.generators, batch())[1][1].shape == (2, 3, 32, 32)
    recipe.phase = "local"
    assert changed(recipe) == {"coarse": False} | dict.fromkeys(local, True)
    recipe.phase = "both"
    assert changed(recipe) == {"coarse": True} | dict.fromkeys(local, True)


@torch.no_grad()
def test_what_is_saved_in_the_coarse_phase_is_the_coarse_generator_enlarged() -> None:
    """What is around it is as it was drawn, and made noise of every photo."""
    recipe, picture = made(networks=ENHANCER, optimisation={"coarse_to_fine": PHASES}), batch()["a"]
    whole = recipe.generators["a_to_b"]
    for phase in ("coarse", "local", "both"):
        recipe.phase = phase
        network = build(recipe.network_cards()["a_to_b"].spec).eval()
        network.load_state_dict(whole.state_dict())
        result = network(picture)
        assert result.shape == picture.shape
        alone = interpolate(whole.coarse_picture(picture), scale_factor=2.0, mode="bilinear")
        torch.testing.assert_close(result, alone if phase == "coarse" else whole(picture))


def test_a_run_that_goes_on_knows_in_which_phase_it_was_saved() -> None:
    sections = {"networks": ENHANCER, "optimisation": {"coarse_to_fine": "coarse,both"}}
    config = resolve(Pix2pixConfig, sections)

    def trainer() -> Trainer:
        return Trainer(
            made(**sections), nn.Identity(), config.optimisation, config.run,
            device=torch.device("cpu"), precision="fp32", total=4,
        )  # fmt: skip

    state = trainer().state_dict()
    assert state is not None
    for step, coarse in ((1, True), (2, True), (3, False)):
        again = trainer()
        again.load_state_dict(state | {"step": step})
        assert again.recipe.network_cards()["a_to_b"].spec.coarse_alone == coarse


def test_phases_are_shares_of_the_run() -> None:
    phases = Pix2pixOptimisation(coarse_to_fine="both:9,coarse:10,local:1").phases(200)
    assert [(phase.name, phase.first, phase.length) for phase in phases] == [
        ("coarse", 0, 100), ("local", 100, 10), ("both", 110, 90),
    ]  # fmt: skip
    assert [phase.length for phase in Pix2pixOptimisation(coarse_to_fine="coarse,both").phases(7)] == [4, 3]
    assert [phase.name for phase in Pix2pixOptimisation(coarse_to_fine="coarse:1,local:1,both:98").phases(10)] == [
        "both"
    ]
    with pytest.raises(ConfigError, match=r"--coarse-to-fine.*fine: the phases are coarse, local, both"):
        resolve(Pix2pixConfig, {"optimisation": {"coarse_to_fine": "coarse:1,fine:1"}})
    with pytest.raises(Refusal, match="goes with --generator enhancer, and not with unet"):
        made(optimisation={"coarse_to_fine": PHASES})


@torch.no_grad()
def test_the_coarse_generator_is_a_generator_whose_features_the_enhancer_adds() -> None:
    torch.manual_seed(0)
    network = build(EnhancerSpec(width=2, blocks=1, local_blocks=1, downsamplings=1))
    picture = torch.rand(1, 3, 16, 24) * 2 - 1
    half = torch.tensor(halved_in_numpy(picture))
    torch.testing.assert_close(network.coarse_picture(picture), network.coarse(half))
    features = network.coarse.activations(half, ["features"])["features"]
    torch.testing.assert_close(torch.tanh(network.coarse.leave(features)), network.coarse(half))
    local = network.normed(network.down(network.enter(picture)))
    wanted = torch.tanh(network.leave(network.up(network.blocks[0](local + features))))
    torch.testing.assert_close(network(picture), wanted)


def test_parameter_counts_of_the_published_networks() -> None:
    """Of its code on Cityscapes: 35 labels and borders of instances."""
    config = resolve(Pix2pixConfig, Pix2pixConfig.presets["pix2pixhd"])
    spec = config.networks.generator_spec(512, 3, 3, labels=35, instances=True)
    assert spec == ResnetSpec(downsamplings=4, upsample="deconv", labels=35, instances=True)
    assert count_parameters(spec) == 182_546_755
    local = resolve(Pix2pixConfig, Pix2pixConfig.presets["pix2pixhd-local"])
    made_of = local.networks.generator_spec(1024, 3, 3, labels=35, instances=True)
    assert isinstance(made_of, EnhancerSpec) and made_of.coarse.width == 64 and local.networks.critics == 3


@pytest.mark.parametrize(("size", "halvings"), [(16, 1), (48, 1), (64, 2), (96, 2), (128, 3), (256, 4), (1024, 4)])
def test_the_coarse_generator_halves_as_often_as_the_size_is_worth(size: int, halvings: int) -> None:
    """Four halvings at 64 px were 183 million weights, and 6 GB of memory, of a preset for two CPU cores."""
    quick = resolve(Pix2pixConfig, Pix2pixConfig.presets["quick"], {"networks": {"generator": "enhancer"}})
    spec = quick.networks.generator_spec(size, 3, 3)
    assert isinstance(spec, EnhancerSpec) and spec.downsamplings == halvings
    assert size % spec.needs.multiple_of == 0 and size >= spec.needs.minimum
    if size == 64:
        assert count_parameters(spec) < 10_000_000


def test_labels_become_planes_and_instances_borders() -> None:
    levels = torch.tensor([[0, 1, 1], [2, 2, 250]])
    grey = (levels / 127.5 - 1).expand(1, 1, 2, 3)
    planes = LabelPlanes(3, False)(grey)
    assert planes.shape == (1, 3, 2, 3) and planes[0].argmax(0)[:, :2].tolist() == [[0, 1], [2, 2]]
    assert planes[0, :, 1, 2].tolist() == [0, 0, 0], "an unknown label has no plane"
    assert torch.equal(LabelPlanes(3, False)(grey.bfloat16()), planes), "16 bits tell all labels apart"
    numbers = torch.tensor([[7, 7, 300], [7, 7, 300], [7, 7, 7]])
    coloured = torch.stack([torch.zeros(3, 3), numbers // 256, numbers % 256])[None] / 127.5 - 1
    found = LabelPlanes(1, True)(coloured)
    assert found[0, 1].tolist() == [[0, 1, 1], [0, 1, 1], [0, 0, 1]]
    assert not borders(torch.full((1, 1, 4, 4), 3.0)).any()


def test_the_critic_sees_planes_next_to_the_picture() -> None:
    recipe = made((1, 3), data={"labels": 5})
    assert recipe.spec.planes == 5 and recipe.critics["b"].given_channels == 5
    data = batch() | {"a": torch.randint(0, 5, (2, 1, 32, 32)) / 127.5 - 1}
    fakes = recipe.play(data)
    seen: list[Tensor] = []
    recipe.adversaries["b"].critic.stages[0].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    recipe.critic_terms(data, fakes)
    assert torch.equal(seen[0][:2], torch.cat([data["b"], recipe.read(data["a"])], dim=1))
    assert torch.equal(seen[0][:, 3:].sum(1), torch.ones(4, 32, 32))
    assert recipe.show(recipe.generators, data)[0][1].shape == (2, 3, 32, 32)


@pytest.mark.parametrize(
    ("channels", "data", "said"),
    [
        ((3, 3), {"labels": 5}, "--labels 5: label maps are grey, and side a is in colour"),
        ((1, 3), {"labels": 5, "instances": True}, "--labels 5 --instances: label maps are in colour, and side a is"),
        ((3, 3), {"instances": True}, "--instances goes with --labels"),
    ],
)
def test_maps_of_another_kind_are_refused(channels: tuple[int, int], data: dict[str, Any], said: str) -> None:
    with pytest.raises(Refusal, match=said):
        made(channels, data=data)


def test_labels_are_shown_in_colours_that_differ() -> None:
    shown = in_colours(torch.arange(20).view(1, 1, 4, 5) / 127.5 - 1)
    colours = shown.flatten(2)[0].T
    assert colours[0].tolist() == [-1, -1, -1] and shown.abs().max() <= 1
    apart = torch.cdist(colours, colours) + 10 * torch.eye(20)
    assert apart.min() > 0.1


@pytest.fixture
def label_pairs(tmp_path: Path) -> Path:
    """Label maps of 0 to 4 in columns, in files of their own beside photos, larger than the networks' pictures."""
    generator = np.random.default_rng(0)
    for number in range(4):
        labels = generator.integers(0, 5, (8, 8)).repeat(7, 0).repeat(7, 1).astype(np.uint8)
        for side, pixels in (("a", labels), ("b", generator.integers(0, 256, (56, 56, 3)).astype(np.uint8))):
            (tmp_path / "pairs" / side).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / "pairs" / side / f"{number}.png")
    return tmp_path / "pairs"


def test_resizing_and_turning_leave_labels_what_they_are(label_pairs: Path) -> None:
    from img2img.data.augment import Augment
    from img2img.data.folders.find import find_pairs
    from img2img.data.loading.dataset import open_data

    config = {"pairs": label_pairs, "labels": 5, "size": 32, "rotate": 20, "zoom": 0.2, "colour": 0.5, "jpeg": 1.0}
    options = resolve(Pix2pixConfig, {"data": config | {"workers": 0}}).data
    data = open_data(find_pairs(options), options)
    raw = next(data.batches(0, 0, 4))
    assert set(raw["a"].unique().tolist()) <= {0, 1, 2, 3, 4} and raw["a"].shape[1] == 1
    seen = (Augment(options, paired=True)(raw)["a"] + 1) * 127.5
    assert (seen - seen.round()).abs().max() < 1e-4 and set(seen.round().unique().tolist()) <= {0, 1, 2, 3, 4}
    assert len(seen.round().unique()) > 1


@pytest.mark.parametrize(
    ("data", "shape", "loaded"),
    [
        ({"size": "1024x512"}, (512, 1024), (572, 1144)),
        ({"size": "1024x512", "load_size": 512}, (512, 1024), (512, 1024)),
        ({"size": "512x1024", "load_size": 600}, (1024, 512), (1200, 600)),
        ({"size": "48x32", "fit": "crop"}, (32, 48), (32, 48)),
        ({"size": "256x256"}, (256, 256), (286, 286)),
        ({"size": "256"}, (256, 256), (286, 286)),
    ],
)
def test_a_size_may_be_a_rectangle(data: dict[str, Any], shape: tuple[int, int], loaded: tuple[int, int]) -> None:
    options = resolve(Pix2pixConfig, {"data": data}).data
    assert (options.shape, options.loaded_shape) == (shape, loaded)
    assert options.size == (256 if shape == (256, 256) else data["size"])


@pytest.mark.parametrize("size", ["1024x", "x", "10x512", "512x9999", "3x4x5", "-64", "64x1e3", "64.5", True])
def test_a_size_that_is_none_is_refused(size: Any) -> None:
    with pytest.raises(ConfigError, match="--size"):
        resolve(Pix2pixConfig, {"data": {"size": size}})


def test_networks_say_which_rectangles_they_take() -> None:
    with pytest.raises(Refusal, match="--size 102x64: the generator, resnet, takes multiples of 4 px"):
        made(networks={"generator": "resnet"}, data={"size": "102x64"})
    with pytest.raises(Refusal, match="--size 64x32: critic 3 of 3, patch, takes multiples of 4 px from 48 px on"):
        made(networks={"critics": 3, "critic_layers": 2}, data={"size": "64x32"})
    assert made(data={"size": "96x64"}).spec.levels == 5
    with pytest.raises(ConfigError, match="--size"):
        resolve(CutConfig, {"data": {"size": "128x64"}})


def test_rectangles_of_maps_and_photos_are_cut_and_mirrored_alike(tmp_path: Path) -> None:
    from img2img.data.augment import Augment
    from img2img.data.folders.find import find_pairs
    from img2img.data.loading.dataset import open_data

    for number in range(4):
        pixels = np.random.default_rng(number).integers(0, 5, (32, 64, 3)).astype(np.uint8)
        for side in "ab":
            (tmp_path / side).mkdir(exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / side / f"{number}.png")
    config = {"pairs": tmp_path, "labels": 5, "instances": True, "size": "48x16", "fit": "crop", "workers": 0}
    options = resolve(Pix2pixConfig, {"data": config}).data
    data = open_data(find_pairs(options), options)
    raw = next(data.batches(0, 0, 8))
    torch.manual_seed(0)
    seen = Augment(options, paired=True)(raw)
    assert seen["a"].shape == (8, 3, 16, 48) and torch.equal(seen["a"], seen["b"])
    mirrored = [torch.equal(one, other.flip(2)) for one, other in zip(seen["a"], raw["a"] / 127.5 - 1, strict=True)]
    assert 0 < sum(mirrored) < 8
    assert data.fixed(2)["a"].shape == (2, 3, 16, 48)


@pytest.mark.slow
def test_a_run_on_rectangles(label_pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ["--pairs", label_pairs, "--labels", 5, "--generator", "enhancer", "--downsamplings", 1, "--blocks", 1]
    options += ["--critics", 2, "--norm", "instance", "--batch-size", 1, "--steps", 1]
    tried = succeeded(img2img("train", "pix2pix", *options, "--size", "128x64", "--dry-run", "--device", "cpu"))
    assert "estimate" in tried.stderr and "GiB" in tried.stderr and "smaller than 128x64 px" in tried.stderr
    said = train("pix2pix", *options, "--size", "128x64", out=out)
    assert "finished at step 1 of 1" in succeeded(said).stderr
    assert 'size = "128x64"' in (out / "config.toml").read_text()
    with Image.open(out / "samples/00000001.png") as sheet:
        assert sheet.width > 3 * 128 and sheet.height < 128


@pytest.mark.slow
@pytest.mark.parametrize("preset", HD)
def test_a_short_run_by_each_preset(preset: str, pairs, vgg19: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(vgg19))
    out = tmp_path / "run"
    options = ["--preset", preset, "--pairs", pairs, "--load-size", 50, "--blocks", 1, "--downsamplings", 2]
    options += ["--perceptual-layers", "relu1_1", "--size", 48]
    said = succeeded(train("pix2pix", *options, "--steps", 20, out=out)).stderr
    assert "finished at step 20 of 20" in said
    assert ("coarse, 10 steps, then local, 1 steps, then both, 9 steps" in said) == (preset == HD[1])
    assert (out / "samples/00000020.png").exists()
    assert read_card(out / "weights.safetensors").game == "lsgan"


@pytest.mark.slow
def test_a_run_on_label_maps_is_applied_to_one(label_pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    options = ["--pairs", label_pairs, "--labels", 5, "--generator", "enhancer", "--downsamplings", 1, "--blocks", 1]
    options += ["--norm", "instance", "--coarse-to-fine", PHASES, "--critics", 2, "--precision", "bf16"]
    succeeded(train("pix2pix", *options, "--steps", 4, out=out))
    held, card = load(out / "weights.safetensors")
    assert set(held) == {"a_to_b"} and card.networks["a_to_b"].spec.labels == 5
    result = tmp_path / "photo.png"
    applied = img2img("translate", label_pairs / "a/0.png", "-o", result, "--model", out, "--device", "cpu")
    succeeded(applied)
    assert Image.open(result).size == (56, 56) and Image.open(result).mode == "RGB"


@pytest.mark.slow
def test_a_run_that_has_not_left_the_coarse_phase_is_applied(pairs, tmp_path: Path) -> None:
    out, photo, result = tmp_path / "run", tmp_path / "photo.png", tmp_path / "result.png"
    options = ["--pairs", pairs, "--generator", "enhancer", "--downsamplings", 1, "--coarse-to-fine", "coarse"]
    succeeded(train("pix2pix", *options, "--steps", 2, out=out))
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 3)).astype(np.uint8)).save(photo)
    succeeded(img2img("translate", photo, "-o", result, "--model", out, "--device", "cpu"))
    networks, card = load(out / "weights.safetensors")
    assert card.networks["a_to_b"].spec.coarse_alone
    given = torch.from_numpy(np.asarray(Image.open(photo)).copy()).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        wanted = networks["a_to_b"].eval().enlarged_coarse(given)
    found = torch.from_numpy(np.asarray(Image.open(result)).copy()).permute(2, 0, 1)[None] / 127.5 - 1
    assert (found - wanted).abs().max() < 2 / 127
