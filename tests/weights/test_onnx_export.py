"""Export to ONNX: right at sizes it was not traced with, quiet, and nothing left where it fails."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

from img2img.config.card import METADATA_KEY, NetworkCard
from img2img.config.networks.content import MunitSpec, UnitSpec
from img2img.config.networks.inpainters import ContextEncoderSpec, GatedSpec, LightInpaintSpec
from img2img.config.networks.pairs import PAIRS, NetworkName
from img2img.config.networks.prior import Prior
from img2img.config.networks.told_translators import BicycleSpec, StarGANSpec
from img2img.config.networks.translators import EnhancerSpec, ResnetSpec, TranslatorSpec, UNetSpec
from img2img.networks import apply_mode, build
from img2img.networks.layers import smooth_fill
from img2img.weights import WeightsError, export_onnx, onnx_inputs
from img2img.weights import onnx as exporter


@pytest.mark.parametrize(
    "spec",
    [
        ResnetSpec(width=2, blocks=1, norm="instance", downsamplings=1, upsample="deconv"),
        ResnetSpec(width=2, blocks=1, downsamplings=2, antialias=True, upsample="bilinear-zeros"),
        UNetSpec(width=2, levels=3, norm="batch-stat"),
        EnhancerSpec(width=2, blocks=1, local_blocks=1, downsamplings=1, upsample="resize", labels=4, instances=True),
    ],
)
def test_an_exported_network_gives_torchs_output_at_any_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spec: TranslatorSpec
) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    torch.manual_seed(0)
    network, card, path = build(spec), NetworkCard(spec=spec, target="zebras"), tmp_path / "zebras.onnx"
    difference = export_onnx(network, card, path)
    assert 0 <= difference < 1e-4
    assert network.training, "the caller's network is left as it was"
    assert list(tmp_path.iterdir()) == [path]
    assert not capsys.readouterr().out

    session = onnxruntime.InferenceSession(str(path))
    step = spec.needs.multiple_of
    image = torch.rand(3, 3, 4 * step, 7 * step) * 2 - 1
    (result,) = session.run(["output"], {"image": image.numpy()})
    with torch.no_grad():
        expected = apply_mode(network)(image)
    torch.testing.assert_close(torch.from_numpy(result), expected, rtol=0, atol=1e-4)
    assert NetworkCard.model_validate_json(session.get_modelmeta().custom_metadata_map[METADATA_KEY]) == card


TOLD = {
    "label": NetworkCard(spec=StarGANSpec(classes=3, width=2, blocks=1), classes=("x", "y", "z")),
    "latent": NetworkCard(spec=BicycleSpec(latent=4, width=2, levels=3), prior=Prior(noise=4)),
    "latent, by norms": NetworkCard(spec=MunitSpec(latent=4, width=2, blocks=1, dense=8), prior=Prior(noise=4)),
    "": NetworkCard(spec=UnitSpec(width=2, blocks=1)),
}
"""By what they are told beside the picture."""


@pytest.mark.parametrize("name", TOLD)
def test_an_exported_translator_is_told_what_its_network_is(tmp_path: Path, name: str) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    torch.manual_seed(0)
    card, path = TOLD[name], tmp_path / "told.onnx"
    network = build(card.spec)
    assert 0 <= export_onnx(network, card, path) < 1e-4
    image = torch.rand(3, 3, 16, 40) * 2 - 1
    told = {"label": torch.tensor([2, 0, 1]), "latent": torch.randn(3, 4)}.get(name.split(",")[0])
    beside = () if told is None else (told,)
    fed = {"image": image.numpy()} | ({} if told is None else {name.split(",")[0]: told.numpy()})
    (result,) = onnxruntime.InferenceSession(str(path)).run(["output"], fed)
    with torch.no_grad():
        expected = apply_mode(network)(image, *beside)
    torch.testing.assert_close(torch.from_numpy(result), expected, rtol=0, atol=1e-4)


INPAINTERS = {
    "light": (LightInpaintSpec(width=2, blocks=1), [(8, 8), (24, 72)]),
    "light, with noise": (LightInpaintSpec(width=2, blocks=1, noise=True), [(8, 8), (24, 72)]),
    "gated, with attention": (GatedSpec(width=4), [(8, 8), (24, 40)]),
    "context encoder": (ContextEncoderSpec(size=16, width=2), [(16, 16)]),
}
"""Each with the sizes, height and width, that the file is tried with."""


@pytest.mark.parametrize("name", INPAINTERS)
def test_an_exported_inpainter_fills_as_torch_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    spec, sizes = INPAINTERS[name]
    # Enough for 16 px: a hole that is larger stays in part as it is in the exported file.
    monkeypatch.setattr(smooth_fill, "EXPORTED_LEVELS", 4)
    monkeypatch.setattr(onnx_inputs, "LARGE", 32)
    torch.manual_seed(0)
    network, path = apply_mode(build(spec)), tmp_path / "fill.onnx"
    for weight in network.parameters():  # the light one is the smooth fill alone as built
        weight.data += 0.1 * torch.randn_like(weight)
    assert export_onnx(network, NetworkCard(spec=spec), path) < 1e-4

    session = onnxruntime.InferenceSession(str(path))
    for count, (height, width) in enumerate(sizes, 1):
        image = torch.rand(count, 4, height, width) * 2 - 1
        image[:, 3] = 0
        image[:, 3, 2:7, 3:8] = 1
        (result,) = session.run(["output"], {"image": image.numpy()})
        with torch.no_grad():
            expected = network(image)
        assert expected.std() > 0.01
        torch.testing.assert_close(torch.from_numpy(result), expected, rtol=0, atol=1e-4)


TINY: dict[NetworkName, dict[str, int]] = {
    "mlp": {"size": 8, "width": 4},
    "infogan": {"size": 8, "width": 2},
    "dcgan": {"size": 28, "width": 2},
    "sndcgan": {"size": 8, "width": 2},
    "sngan": {"size": 8, "width": 2},
    "sagan": {"size": 8, "width": 8},
    "stylegan": {"size": 8, "width": 2, "growth": 1, "style": 4},
    "lapgan": {"size": 16, "width": 2},
    "progressive": {"size": 8, "width": 2, "growth": 1},
}


@pytest.mark.parametrize(("name", "classes"), [*((name, 3) for name in PAIRS), ("dcgan", 0), ("sngan", 0)])
def test_an_exported_generator_draws_as_torch_does(tmp_path: Path, name: NetworkName, classes: int) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="the extra `onnx` is not installed")
    spec = PAIRS[name].generator(latent=5, classes=classes, **TINY[name])
    torch.manual_seed(0)
    network, path = apply_mode(build(spec)), tmp_path / "draw.onnx"
    for weight in network.parameters():  # no noise of strength 0, no norm without offset
        weight.data += 0.1 * torch.randn_like(weight)
    assert export_onnx(network, NetworkCard(spec=spec), path) < 1e-4

    latent, label = torch.randn(4, 5), torch.tensor([2, 0, 1, 1])
    fed = {"latent": latent, "label": label} if classes else {"latent": latent}
    session = onnxruntime.InferenceSession(str(path))
    (result,) = session.run(["output"], {name: values.numpy() for name, values in fed.items()})
    with torch.no_grad():
        expected = network(*fed.values())
    assert expected.std(dim=0).mean() > 1e-3
    torch.testing.assert_close(torch.from_numpy(result), expected, rtol=0, atol=1e-4)


def test_a_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    spec = ResnetSpec(width=1, blocks=1)
    with pytest.raises(WeightsError, match=r"pip install 'img2img-gan\[onnx\]'"):
        export_onnx(build(spec), NetworkCard(spec=spec), tmp_path / "g.onnx")


def test_a_file_that_differs_from_torch_does_not_appear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Program:
        model = type("Model", (), {"metadata_props": {}})()

        def save(self, path: Path, external_data: bool) -> None:
            path.touch()

    for wrong in (0.5, float("nan")):
        monkeypatch.setattr(exporter, "_require_extra", lambda: None)
        monkeypatch.setattr(exporter, "_traced", lambda *_: Program())
        monkeypatch.setattr(exporter, "_difference", lambda *_, wrong=wrong: wrong)
        spec = ResnetSpec(width=1, blocks=1)
        with pytest.raises(WeightsError, match="differ"):
            export_onnx(build(spec), NetworkCard(spec=spec), tmp_path / "g.onnx")
        assert not list(tmp_path.iterdir())
