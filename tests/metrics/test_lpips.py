from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support.metric_pictures import from_file, picture, real_weights

from img2img.config.base import Refusal
from img2img.metrics import LPIPS, load_lpips
from img2img.metrics.lpips import FILES, Backbone


@pytest.fixture
def network() -> LPIPS:
    torch.manual_seed(0)
    found = LPIPS("alex")
    for line in found.linear:
        line.weight.data.abs_()  # type: ignore[union-attr, operator]
    return found


def write(network: LPIPS, folder: Path, backbone: Backbone = "alex") -> None:
    """The two files as they are published."""
    features, linear = FILES[backbone]
    torch.save({f"features.{key}": value for key, value in network.features.state_dict().items()}, folder / features)
    lines = {f"lin{n}.model.1.weight": line.weight for n, line in enumerate(network.linear)}
    torch.save(lines, folder / linear)


def test_published_examples() -> None:
    folder = real_weights()
    network = load_lpips("alex", folder)
    reference, far, near = (from_file(folder / f"lpips_ex_{name}.png") for name in ("ref", "p0", "p1"))
    assert abs(network(reference, far).item() - 0.722) < 5e-4
    assert abs(network(reference, near).item() - 0.138) < 5e-4


def test_equal_pictures_are_at_no_distance(network: LPIPS) -> None:
    one, other = picture(1), picture(2)
    assert network(one, one).item() == 0
    assert network(one, other).item() > 0
    assert abs(network(one, other).item() - network(other, one).item()) < 1e-7


def test_the_formula(network: LPIPS) -> None:
    """Equation 1, layer by layer, for weights of which only the third layer's second channel counts, with 0.5."""
    for line in network.linear:
        line.weight.data.zero_()  # type: ignore[union-attr, operator]
    network.linear[2].weight.data[0, 1] = 0.5  # type: ignore[union-attr, operator, index]
    one, other = picture(1, height=64, width=64)[None], picture(2, height=64, width=64)[None]
    shift, scale = torch.tensor([-0.030, -0.088, -0.188]), torch.tensor([0.458, 0.448, 0.450])
    units = []
    for image in (one, other):
        activation = network.features[:8]((image - shift.view(1, 3, 1, 1)) / scale.view(1, 3, 1, 1))
        units.append(activation / activation.norm(dim=1, keepdim=True).clamp(min=1e-10))
    expected = 0.5 * (units[0] - units[1])[:, 1].square().mean()
    assert abs(network(one, other).item() - expected.item()) < 1e-7


def test_batches_and_grey(network: LPIPS) -> None:
    one, other = torch.stack([picture(1), picture(2)]), torch.stack([picture(3), picture(4)])
    found = network(one, other)
    assert found.shape == (2,)
    assert (found - torch.stack([network(one[index], other[index]) for index in (0, 1)])).abs().max() < 1e-6
    grey = picture(5, channels=1)
    assert abs(network(grey, one[0]).item() - network(grey.expand(3, -1, -1), one[0]).item()) < 1e-7


def test_gradients_reach_the_picture_and_no_weight(network: LPIPS) -> None:
    image = picture(1).requires_grad_()
    network(image, picture(2)).backward()
    assert image.grad is not None and image.grad.abs().max() > 0
    assert not any(weight.requires_grad for weight in network.parameters())


def test_files_are_read_back(network: LPIPS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(network, tmp_path)
    monkeypatch.setenv("IMG2IMG_LPIPS", str(tmp_path))
    for loaded in (load_lpips("alex"), load_lpips("alex", tmp_path)):
        assert torch.equal(loaded(picture(1), picture(2)), network(picture(1), picture(2)))


def test_vgg_hears_the_last_layer_of_each_block(tmp_path: Path) -> None:
    with torch.device("meta"):
        network = LPIPS("vgg")
        shapes = [tuple(line.weight.shape) for line in network.linear]
        found = network._activations(torch.zeros(1, 3, 64, 64))
    assert [x.shape[1] for x in found] == [shape[1] for shape in shapes] == [64, 128, 256, 512, 512]
    assert [x.shape[2] for x in found] == [64, 32, 16, 8, 4]
    assert sum(weight.numel() for weight in network.features.parameters()) == 14_714_688  # torchvision's VGG16.features


def test_missing_files_are_named(network: LPIPS, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMG2IMG_LPIPS", raising=False)
    with pytest.raises(Refusal, match=r"needs lpips_lin_alex\.pth \(no folder given\).*\$IMG2IMG_LPIPS"):
        load_lpips("alex")
    with pytest.raises(Refusal, match="lpips_lin_vgg"):
        load_lpips("vgg", tmp_path)
    monkeypatch.setenv("IMG2IMG_LPIPS", str(tmp_path / "gone"))
    with pytest.raises(Refusal, match=r"\$IMG2IMG_LPIPS .*gone: no such folder"):
        load_lpips("alex")


def test_files_of_another_kind_are_refused_in_a_line(network: LPIPS, tmp_path: Path) -> None:
    write(network, tmp_path)
    features, linear = FILES["alex"]
    (tmp_path / linear).write_bytes(b"no weights")
    with pytest.raises(Refusal, match=f"{linear}: not a file of weights"):
        load_lpips("alex", tmp_path)
    write(network, tmp_path)
    torch.save({"features.0.weight": torch.zeros(64, 3, 3, 3)}, tmp_path / features)
    with pytest.raises(Refusal, match=r"0\.bias is missing|0\.weight is \[64, 3, 3, 3\], must be \[64, 3, 11, 11\]"):
        load_lpips("alex", tmp_path)


@pytest.mark.parametrize("side", [30, 31])
def test_the_smallest_picture(network: LPIPS, side: int) -> None:
    one, other = picture(1, height=side, width=40), picture(2, height=side, width=40)
    if side == 31:
        assert torch.isfinite(network(one, other))
        return
    with pytest.raises(Refusal, match="from 31 px; these are 40x30 and 40x30"):
        network(one, other)
