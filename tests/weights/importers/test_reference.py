"""The reference's checkpoints: same outputs, right specs, all wrappings, and nothing that only looks like one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from support.reference_networks import LocalEnhancer, resnet, scramble, unet
from torch import Tensor, nn

from img2img.config.networks.translators import EnhancerSpec, ResnetSpec, UNetSpec
from img2img.networks import apply_mode
from img2img.weights import WeightsError, import_reference, load, save
from img2img.weights.importers import read_generator


def saved(path: Path, content: Any) -> Path:
    torch.save(content, path)
    return path


def at_test_time(network: nn.Module) -> nn.Module:
    """As the reference applies its generators: in training mode, so with batch statistics, here without dropout."""
    network.train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    return network


@torch.no_grad()
def assert_same(theirs: nn.Module, ours: nn.Module, channels: int, side: int) -> None:
    image = torch.rand(1, channels, side, side) * 2 - 1
    torch.testing.assert_close(apply_mode(ours)(image), theirs(image), rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", ["instance", "batch", "none"])
@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("blocks", [6, 9])
def test_resnets_give_the_references_outputs(tmp_path: Path, kind: str, dropout: bool, blocks: int) -> None:
    torch.manual_seed(0)
    theirs = resnet(kind, blocks, dropout=dropout)
    scramble(theirs)
    ours, spec = read_generator(saved(tmp_path / "latest_net_G_A.pth", theirs.state_dict()))
    assert spec == ResnetSpec(
        width=2,
        blocks=blocks,
        norm={"batch": "batch-stat"}.get(kind, kind),
        dropout=0.5 if dropout else 0.0,
        upsample="deconv",
    )
    assert_same(at_test_time(theirs), ours, 3, 16)


@pytest.mark.parametrize(("down", "up"), [(True, True), (True, False), (False, True)])
def test_resnets_with_blurs_give_cuts_outputs(tmp_path: Path, down: bool, up: bool) -> None:
    torch.manual_seed(0)
    theirs = resnet("instance", 9, blur_down=down, blur_up=up)
    scramble(theirs)
    ours, spec = read_generator(saved(tmp_path / "latest_net_G.pth", theirs.state_dict()))
    assert spec == ResnetSpec(width=2, upsample="bilinear-zeros" if up else "deconv", antialias=down)
    assert_same(theirs, ours, 3, 16)
    assert_same(theirs, ours, 3, 24)


@pytest.mark.parametrize("kind", ["instance", "batch", "none"])
@pytest.mark.parametrize("levels", [5, 6, 7, 8])
def test_unets_give_the_references_outputs(tmp_path: Path, kind: str, levels: int) -> None:
    torch.manual_seed(0)
    theirs = unet(kind, levels, dropout=True)
    scramble(theirs)
    ours, spec = read_generator(saved(tmp_path / "latest_net_G.pth", theirs.state_dict()))
    norm = {"batch": "batch-stat"}.get(kind, kind)
    assert spec == UNetSpec(width=2, levels=levels, norm=norm, upsample="deconv")
    assert_same(at_test_time(theirs), ours, 3, 2**levels)


def test_a_local_enhancer_gives_pix2pixhds_output(tmp_path: Path) -> None:
    torch.manual_seed(0)
    theirs = LocalEnhancer(blocks=2, local_blocks=3, downsamplings=1)
    scramble(theirs)
    ours, spec = read_generator(saved(tmp_path / "latest_net_G.pth", theirs.state_dict()))
    assert spec == EnhancerSpec(width=2, blocks=2, local_blocks=3, downsamplings=1, upsample="deconv")
    assert_same(theirs, ours, 3, 32)
    state = theirs.state_dict() | {"model2_1.1.weight": torch.zeros(1)}
    with pytest.raises(WeightsError, match="fit none"):
        read_generator(saved(tmp_path / "two.pth", state))


@pytest.mark.parametrize("borders", [False, True])
def test_a_generator_of_label_maps_takes_them_as_pictures(tmp_path: Path, borders: bool) -> None:
    torch.manual_seed(0)
    planes = 4 + borders
    theirs = resnet("instance", 1, channels=planes, downsamplings=1)
    path = saved(tmp_path / "latest_net_G.pth", theirs.state_dict())
    ours, spec = read_generator(path, labels=4)
    assert (spec.labels, spec.instances, spec.planes, spec.input_channels) == (4, borders, planes, 3 if borders else 1)
    maps = torch.randint(0, 4, (1, spec.input_channels, 16, 16))
    given = torch.nn.functional.one_hot(maps[:, 0], 4).permute(0, 3, 1, 2).float()
    if borders:
        maps[:, 1:] = 0  # one instance, which has no borders
        given = torch.cat([given, torch.zeros(1, 1, 16, 16)], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(apply_mode(ours)(maps / 127.5 - 1), theirs(given), rtol=0, atol=1e-5)
    with pytest.raises(WeightsError, match=f"takes {planes} channels, not 7 labels"):
        read_generator(path, labels=7)


@pytest.mark.parametrize("theirs", [resnet("batch", 1, channels=1), unet("batch", 5, channels=4)])
def test_running_statistics_are_kept_when_asked_for(tmp_path: Path, theirs: nn.Module) -> None:
    torch.manual_seed(0)
    scramble(theirs)
    ours, spec = read_generator(saved(tmp_path / "g.pth", theirs.state_dict()), running_stats=True)
    assert spec.norm == "batch"
    assert_same(theirs.eval(), ours, spec.input_channels, 32)


def test_the_reference_layout_is_that_of_the_facts() -> None:
    """Against the key table of the reference's files, so that the networks of these tests cannot drift."""
    keys = {key.removesuffix(".weight") for key in resnet("instance", 9).state_dict() if key.endswith("weight")}
    blocks = {f"model.{block}.conv_block.{place}" for block in range(10, 19) for place in (1, 5)}
    assert keys == blocks | {f"model.{place}" for place in (1, 4, 7, 19, 22, 26)}
    assert {"model.23.weight", "model.10.conv_block.6.bias"} <= resnet("instance", 6, dropout=True).state_dict().keys()
    blurred = resnet("instance", 9, blur_down=True, blur_up=True).state_dict()
    assert {f"model.{place}.filt" for place in (7, 11, 21, 25)} == {key for key in blurred if key.endswith("filt")}
    assert {f"model.{place}.weight" for place in (1, 4, 8, 22, 26, 30)} <= blurred.keys()
    nested = unet("batch", 5).state_dict()
    assert {"model.model.0.weight", "model.model.3.bias", "model.model.1.model.2.weight"} <= nested.keys()
    assert {"model.model.1.model.3.model.5.weight", "model.model.1.model.6.bias"} <= nested.keys()
    assert sum(tensor.numel() for tensor in resnet("instance", 9, width=64).parameters()) == 11_378_179
    assert sum(tensor.numel() for tensor in unet("batch", 8, width=64).parameters()) == 54_413_955


def test_a_different_depth_is_told_from_the_numbers(tmp_path: Path) -> None:
    theirs = resnet("instance", 4, downsamplings=3)
    ours, spec = read_generator(saved(tmp_path / "g.pth", theirs.state_dict()))
    assert isinstance(spec, ResnetSpec) and (spec.downsamplings, spec.blocks) == (3, 4)
    assert_same(theirs, ours, 3, 32)


def test_statistics_in_old_instance_norm_files_are_dropped(tmp_path: Path) -> None:
    theirs = resnet("instance", 1)
    state = theirs.state_dict()
    for place, channels in ((2, 2), (5, 4), (8, 8), (12, 4), (15, 2)):
        state[f"model.{place}.running_mean"] = torch.randn(channels)
        state[f"model.{place}.running_var"] = torch.rand(channels)
        state[f"model.{place}.num_batches_tracked"] = torch.tensor(7)
    state["model.10.conv_block.2.running_mean"] = torch.randn(8)
    ours, _ = read_generator(saved(tmp_path / "g.pth", state))
    assert_same(theirs, ours, 3, 16)


@pytest.mark.parametrize(
    ("prefix", "wrapper"),
    [
        ("module.", None),
        ("_orig_mod.", "state_dict"),
        ("module._orig_mod.", "model_state_dict"),
        ("netG.", "params_ema"),
        ("", "net"),
        ("netG.module.", "model"),
    ],
)
@pytest.mark.parametrize("old_format", [False, True])
def test_wrappings_come_off(tmp_path: Path, prefix: str, wrapper: str | None, old_format: bool) -> None:
    theirs = unet("instance", 5)
    state: dict[str, Any] = {prefix + key: tensor for key, tensor in theirs.state_dict().items()}
    if wrapper:
        state = {"epoch": 3, wrapper: state}
    path = tmp_path / "g.pth"
    torch.save(state, path, _use_new_zipfile_serialization=not old_format)
    ours, _ = read_generator(path)
    assert_same(theirs, ours, 3, 32)


def test_half_precision_becomes_single(tmp_path: Path) -> None:
    theirs = resnet("batch", 1)
    ours, _ = read_generator(saved(tmp_path / "g.pth", theirs.half().state_dict()))
    assert {tensor.dtype for tensor in ours.state_dict().values()} == {torch.float32}


def test_the_card_says_where_from_where_to_and_can_be_saved(tmp_path: Path) -> None:
    path = saved(tmp_path / "latest_net_G_B.pth", resnet("instance", 1).state_dict())
    network, card = import_reference(path, source="zebras", target="horses")
    assert card.task == "translate" and "latest_net_G_B.pth" in card.note and str(tmp_path) not in card.note
    assert (card.networks["generator"].source, card.networks["generator"].target) == ("zebras", "horses")
    assert card.networks["generator"].needs.multiple_of == 4
    save(tmp_path / "ours.safetensors", {"generator": network}, card)
    again, same = load(tmp_path / "ours.safetensors")
    assert same == card
    image = torch.randn(1, 3, 16, 16)
    assert torch.equal(apply_mode(again["generator"])(image), apply_mode(network)(image))


def _without(state: dict[str, Tensor], key: str) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in state.items() if name != key}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (_without(resnet("instance", 1).state_dict(), "model.10.conv_block.5.bias"), "second.0.bias is missing"),
        (_without(resnet("instance", 1).state_dict(), "model.1.weight"), "fit none"),
        (unet("batch", 5).state_dict() | {"model.extra": torch.zeros(1)}, "model.extra is unexpected"),
        (unet("batch", 5).state_dict() | {"model.model.0.weight": torch.zeros(3, 3, 4, 4)}, "must be ["),
        (resnet("batch", 1).state_dict() | {"model.7.filt": torch.zeros(1, 1, 5, 5)}, "fit none"),
        ({"model.0.weight": torch.zeros(1)}, "neither a ResNet nor a U-Net"),
        ({"epoch": 3}, "no network"),
        ([torch.zeros(1)], "no network"),
        ({}, "no network"),
    ],
)
def test_what_is_no_reference_generator_is_refused_in_one_line(tmp_path: Path, state: Any, said: str) -> None:
    path = saved(tmp_path / "g.pth", state)
    with pytest.raises(WeightsError) as refusal:
        read_generator(path)
    assert said in str(refusal.value) and str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
