"""Other people's weights, made here with random numbers in their own key layouts."""

from __future__ import annotations

import pickle
import re
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from support.drawing import draw
from support.upscalers import CPU
from torch import Tensor, nn

from img2img.apply.models import open_upscaler
from img2img.config.networks.upscalers import SRResNetSpec
from img2img.images import Photo, to_pixels
from img2img.networks import build
from img2img.weights import WeightsError
from img2img.weights.foreign import Foreign, is_foreign, load_foreign

spandrel = pytest.importorskip("spandrel")


def compact(scale: int = 2, channels: int = 3) -> dict[str, Tensor]:
    """The state of a Real-ESRGAN Compact network of two layers."""
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    return Compact(num_in_ch=channels, num_out_ch=channels, num_feat=8, num_conv=2, upscale=scale).state_dict()


def esrgan() -> dict[str, Tensor]:
    """The state of an ESRGAN of one block, in its first key layout."""
    from spandrel.architectures.ESRGAN import ESRGAN

    torch.manual_seed(0)
    return ESRGAN(num_filters=8, num_blocks=1, scale=4).state_dict()


def swinir() -> dict[str, Tensor]:
    """The state of a small SwinIR, which takes attention over windows."""
    from spandrel.architectures.SwinIR import SwinIR

    torch.manual_seed(0)
    return SwinIR(embed_dim=12, depths=(2,), num_heads=(2,), window_size=8, upscale=2, upsampler="pixelshuffledirect",
                  img_range=1.0, resi_connection="1conv").state_dict()  # fmt: skip


@pytest.mark.parametrize(
    ("state", "architecture", "scale"),
    [(compact, "RealESRGAN Compact", 2), (esrgan, "ESRGAN", 4), (swinir, "SwinIR", 2)],
)
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_networks_are_recognised_and_compute_what_they_did(state, architecture, scale, suffix, tmp_path: Path) -> None:
    path, tensors = tmp_path / f"w.{suffix}", state()
    torch.save({"params_ema": tensors}, path) if suffix == "pth" else save_file(
        {key: tensor.contiguous() for key, tensor in tensors.items()}, path
    )
    assert is_foreign(path)
    network, card = load_foreign(path)
    assert (card.architecture, card.scale, card.channels) == (architecture, scale, 3)
    low = torch.rand(1, 3, 24, 32)
    reference = spandrel.ModelLoader().load_from_state_dict(tensors).eval()
    with torch.inference_mode():
        difference = network(low * 2 - 1).clamp(-1, 1) - (reference(low) * 2 - 1)
    assert difference.abs().max() < 1e-5


def published(spec: SRResNetSpec, biased: bool = True) -> tuple[nn.Module, dict[str, Tensor]]:
    """Our SRResNet with random numbers everywhere, and its state."""
    torch.manual_seed(0)
    network = build(spec).eval()
    for buffer in network.buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    if not biased:
        for name, parameter in network.named_parameters():
            if name.endswith(("change.0.bias", "change.3.bias", "join.0.bias")):
                nn.init.zeros_(parameter)
    return network, network.state_dict()


def as_lornatang(key: str) -> str | None:
    if key.endswith(("change.0.bias", "change.3.bias", "join.0.bias")):
        return None
    for pattern, theirs in (
        (r"enter\.", "conv1."),
        (r"blocks\.(\d+)\.change\.", r"trunk.\1.rcb."),
        (r"join\.", "conv2."),
        (r"up\.(\d)\.0\.0\.", r"upsampling.\1.upsample_block.0."),
        (r"up\.(\d)\.1\.", r"upsampling.\1.upsample_block.2."),
        (r"leave\.", "conv3."),
    ):
        key = re.sub(f"^{pattern}", theirs, key)
    return key


def as_leftthomas(key: str) -> str | None:
    for layer, name in enumerate(("conv1", "bn1", "prelu", "conv2", "bn2")):
        key = re.sub(
            rf"^blocks\.(\d+)\.change\.{layer}\.", lambda match, name=name: f"block{int(match[1]) + 2}.{name}.", key
        )
    for pattern, theirs in (
        (r"enter\.", "block1."),
        (r"join\.", "block4."),
        (r"up\.(\d)\.0\.0\.", r"block5.\1.conv."),
        (r"up\.(\d)\.1\.", r"block5.\1.prelu."),
        (r"leave\.", "block5.2."),
    ):
        key = re.sub(f"^{pattern}", theirs, key)
    return key


@pytest.mark.parametrize(("rename", "tanh"), [(as_lornatang, False), (as_leftthomas, True)])
def test_published_srresnets_need_no_spandrel(rename, tanh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", None)
    ours, state = published(SRResNetSpec(width=4, blocks=2), biased=tanh)
    theirs = {name: tensor for key, tensor in state.items() if (name := rename(key))}
    torch.save({"epoch": 3, "state_dict": theirs}, tmp_path / "w.pth.tar")
    network, card = load_foreign(tmp_path / "w.pth.tar")
    assert (card.architecture, card.scale, card.needs.radius) == ("SRResNet", 4, SRResNetSpec(blocks=2).needs.radius)
    low = torch.rand(1, 3, 9, 8)
    wanted = ours(low).tanh() if tanh else ours(low) * 2 - 1
    assert (network(low * 2 - 1) - wanted).abs().max() < 1e-5


def test_basicsr_srresnets_sees_as_far_as_it_says(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shapes = {"conv_first": (4, 3), "upconv1": (16, 4), "upconv2": (16, 4), "conv_hr": (4, 4), "conv_last": (3, 4)}
    shapes |= {f"body.{block}.{name}": (4, 4) for block in range(2) for name in ("conv1", "conv2")}
    state = {f"{name}.weight": torch.randn(*shape, 3, 3) / 8 for name, shape in shapes.items()}
    state |= {f"{name}.bias": torch.randn(shape[0]) / 9 for name, shape in shapes.items()}
    torch.save({"params": state}, tmp_path / "w.pth")
    network, card = load_foreign(tmp_path / "w.pth")
    assert card.scale == 4 and card.needs.radius is not None
    low = torch.zeros(1, 3, 41, 41)
    poked = low.clone()
    poked[..., 20, 20] = 1
    changed = (network(poked) - network(low)).abs().amax((0, 1, 2)).nonzero().flatten() // 4
    assert card.needs.radius - 2 <= 20 - int(changed.min()) <= card.needs.radius
    model = open_upscaler(str(tmp_path / "w.pth"), None, device=CPU, tile=48)
    pixels = torch.rand(3, 60, 50) * 2 - 1
    assert (model.run(pixels) - network(pixels[None])[0]).abs().max() < 1e-5
    del state["upconv2.bias"]
    torch.save({"params": state}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="almost an SRResNet"):
        load_foreign(tmp_path / "w.pth")


def test_they_upscale_photos(tmp_path: Path) -> None:
    torch.save({"params": compact()}, tmp_path / "w.pth")
    model = open_upscaler(str(tmp_path / "w.pth"), None, device=CPU)
    assert model.label == "x2" and model.about is None
    result = model.convert(Photo(to_pixels(draw(0, 9, 7, 1))))
    assert result.samples.shape == (18, 14, 1) and result.note == ""


def test_what_overflows_is_not_hidden_from_the_engine() -> None:
    network = Foreign(nn.Identity(), lambda network, picture: network(picture) / 0)
    assert network(torch.ones(1, 3, 2, 2)).isinf().all()


class Trap:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def test_what_is_no_such_network_is_refused_in_one_line(tmp_path: Path) -> None:
    def refusal(name: str, content: object) -> str:
        path = tmp_path / name
        path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
        with pytest.raises(WeightsError) as refused:
            load_foreign(path)
        assert str(path) in str(refused.value) and "\n" not in str(refused.value)
        return str(refused.value)

    assert "no architecture that spandrel knows" in refusal("a.pth", {"weight": torch.zeros(1)})
    assert "would run code" in refusal("b.pth", {"weight": torch.zeros(1), "x": Trap(tmp_path / "ran")})
    assert "could run code" in refusal("c.pth", pickle.dumps(Trap(tmp_path / "ran")))
    assert "not a safetensors file" in refusal("d.safetensors", b"text")
    assert "almost known weights" in refusal("e.pth", {**compact(), "body.2.weight": torch.zeros(3)})
    assert not (tmp_path / "ran").exists()


def test_without_spandrel_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", None)
    torch.save(compact(), tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"pip install 'img2img-gan\[spandrel\]'"):
        load_foreign(tmp_path / "w.pth")
