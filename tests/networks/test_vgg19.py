"""VGG19's activations: which they are, what the picture becomes before, where the weights come from."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest
import torch
from support.drawing import draw
from torch.nn.functional import conv2d

from img2img.config.base import Refusal
from img2img.config.sections.perceptual import VGG19_LAYERS
from img2img.networks.vgg19 import VGG19, WEIGHTS_VARIABLE, load_vgg19


def test_layers_lie_where_torchvision_has_them() -> None:
    with torch.device("meta"):
        whole = VGG19(VGG19_LAYERS)
        assert list(VGG19(["conv3_4"]).state_dict())[-2:] == ["features.16.weight", "features.16.bias"]
    assert len(VGG19_LAYERS) == 32
    assert whole.wanted[34] == "conv5_4" and whole.wanted[35] == "relu5_4" and whole.wanted[7] == "conv2_2"
    assert sum(parameter.numel() for parameter in whole.parameters()) == 20_024_384


def test_a_picture_is_normalised_as_imagenet_was() -> None:
    network = VGG19(["conv1_1"])
    unit = torch.rand(2, 3, 8, 8)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normalised = (unit - mean[:, None, None]) / std[:, None, None]
    wanted = conv2d(normalised, network.features[0].weight, network.features[0].bias, padding=1)
    torch.testing.assert_close(network(unit * 2 - 1)["conv1_1"], wanted, rtol=0, atol=1e-5)
    grey = torch.rand(1, 1, 8, 8)
    assert torch.equal(network(grey)["conv1_1"], network(grey.expand(-1, 3, -1, -1))["conv1_1"])


def test_before_and_after_the_relu() -> None:
    torch.manual_seed(0)
    found = VGG19(["relu2_1", "conv1_2", "relu1_2"])(torch.randn(1, 3, 8, 8))
    assert list(found) == ["conv1_2", "relu1_2", "relu2_1"]
    assert found["conv1_2"].min() < 0 and torch.equal(found["conv1_2"].relu(), found["relu1_2"])
    assert found["relu2_1"].shape == (1, 128, 4, 4)


def test_the_picture_learns_and_the_network_does_not() -> None:
    network, image = VGG19(["conv2_1"]), torch.randn(1, 3, 8, 8, requires_grad=True)
    network(image)["conv2_1"].square().sum().backward()
    assert image.grad is not None and image.grad.abs().min() > 0
    assert not network.training and all(parameter.grad is None for parameter in network.parameters())


def test_weights_come_from_the_path_before_the_environment(vgg19: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(vgg19))
    stored = torch.load(vgg19, weights_only=True)
    loaded = load_vgg19(["relu1_2"]).features[0].weight
    assert stored["features.0.weight"].dtype == torch.float16 and loaded.dtype == torch.float32
    assert torch.equal(loaded, stored["features.0.weight"].float())
    other = tmp_path / "other.pth"
    torch.save({key: 0 * value for key, value in stored.items()}, other)
    assert not load_vgg19(["relu1_2"], other).features[0].weight.any()


def test_files_that_do_not_do(vgg19: Path, tmp_path) -> None:
    stored = torch.load(vgg19, weights_only=True)
    with pytest.raises(Refusal, match=r"random\.pth: not the weights of VGG19: features\.5\.weight is missing"):
        load_vgg19(["conv2_1"], vgg19)
    torch.save(stored | {"features.2.weight": torch.zeros(2, 2)}, tmp_path / "shape.pth")
    with pytest.raises(Refusal, match=r"shape\.pth.*features\.2\.weight is \[2, 2\], must be \[64, 64, 3, 3\]"):
        load_vgg19(["relu1_2"], tmp_path / "shape.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    (tmp_path / "text.pth").write_text("no weights")
    torch.save(SimpleNamespace(code=os.system), tmp_path / "code.pth")
    for name, reason in [
        ("list", "no dictionary"),
        ("text", "or a broken"),
        ("code", "would run code in it"),
        ("none", "No such"),
    ]:
        with pytest.raises(Refusal, match=rf"{name}\.pth.*{reason}") as refusal:
            load_vgg19(["relu1_2"], tmp_path / f"{name}.pth")
        assert "\n" not in str(refusal.value)


def test_without_a_file_torchvision_is_asked(vgg19: Path, monkeypatch) -> None:
    monkeypatch.delenv(WEIGHTS_VARIABLE, raising=False)
    stored = torch.load(vgg19, weights_only=True)

    def offer(get_state_dict) -> None:  # torchvision itself takes 2 s to import
        member = SimpleNamespace(get_state_dict=get_state_dict)
        models = SimpleNamespace(VGG19_Weights=SimpleNamespace(IMAGENET1K_V1=member))
        monkeypatch.setitem(sys.modules, "torchvision", SimpleNamespace(models=models))
        monkeypatch.setitem(sys.modules, "torchvision.models", models)

    def unreachable(progress: bool, check_hash: bool) -> dict[str, torch.Tensor]:
        raise URLError("no route to host")

    offer(lambda progress, check_hash: stored)
    assert torch.equal(load_vgg19(["relu1_2"]).features[2].weight, stored["features.2.weight"].float())
    offer(unreachable)
    with pytest.raises(
        Refusal, match=r"download failed .*no route to host.*--vgg19 FILE or \$IMG2IMG_VGG19"
    ) as refusal:
        load_vgg19(["relu1_2"])
    assert "\n" not in str(refusal.value)


@pytest.mark.skipif(
    not Path(os.environ.get(WEIGHTS_VARIABLE, "")).is_file(), reason=f"{WEIGHTS_VARIABLE} names no file"
)
def test_trained_weights_tell_a_shift_from_a_blur() -> None:
    """Two pictures equally far from a third by pixels: features find the moved one nearer than the blurred one."""
    network = load_vgg19(["relu3_4"])
    checks = (np.indices((66, 66)).sum(0) // 4 % 2 * 60 + draw(3, 66, 66)[..., 0] // 2).astype(np.float32) / 127.5 - 1
    image = torch.from_numpy(checks)[None, None]
    plain, moved = image[..., 1:-1, 1:-1], image[..., 2:, 1:-1]
    flat = plain.mean().expand_as(plain)
    apart = (moved - plain).abs().mean() / (flat - plain).abs().mean()
    blurred = plain + apart * (flat - plain)
    assert abs((moved - plain).abs().mean() - (blurred - plain).abs().mean()) < 1e-5
    wanted, near, far = (network(picture)["relu3_4"] for picture in (plain, moved, blurred))
    assert (near - wanted).abs().mean() < (far - wanted).abs().mean()
