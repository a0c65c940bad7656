"""A photo through a network: nothing of it is lost, and how it is cut changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from support.drawing import draw
from support.upscalers import CPU, opened, symmetric, write_weights
from torch import Tensor, nn

from img2img.apply import conversion
from img2img.apply.engine import model as engine
from img2img.apply.engine.model import Model
from img2img.apply.models import open_model, open_upscaler
from img2img.config.base import Refusal
from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks import SizeNeeds
from img2img.config.networks.translators import ResnetSpec, UNetSpec
from img2img.images import Photo, to_alpha, to_pixels
from img2img.networks import build
from img2img.weights.files import save


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "w.safetensors")


def photo(channels: int = 3, height: int = 40, width: int = 53, bits: int = 8, seed: int = 0) -> Photo:
    """With transparency for 2 and 4 channels."""
    samples = draw(seed, height, width, channels, bits)
    colours = 1 if channels < 3 else 3
    alpha = to_alpha(samples[..., colours:]) if channels > colours else None
    return Photo(to_pixels(samples[..., :colours]), alpha, bits)  # type: ignore[arg-type]


def largest_difference(first: np.ndarray, second: np.ndarray) -> int:
    assert first.shape == second.shape and first.dtype == second.dtype
    return int(np.abs(first.astype(int) - second.astype(int)).max())


@pytest.mark.parametrize("size", [(1, 1), (7, 130), (97, 61)])
def test_the_size_of_the_tiles_changes_nothing(weights: Path, size: tuple[int, int]) -> None:
    pixels = photo(3, *size).pixels
    whole = opened(weights, tile="off").run(pixels)
    for tile in ("auto", 32, 48):
        assert (opened(weights, tile=tile).run(pixels) - whole).abs().max() < 1e-5


def test_the_number_of_tiles_at_once_changes_nothing(weights: Path) -> None:
    from support.tiled import run_tiled

    from img2img.apply.engine.tiling import Tiling

    model, pixels = opened(weights), photo(3, 90, 110).pixels
    one, four = (run_tiled(model.network, pixels, Tiling(40, 4, batch=batch), 2) for batch in (1, 4))
    assert (one - four).abs().max() < 1e-5


@pytest.mark.parametrize("tile", ["auto", 32])
def test_the_mirror_image_becomes_the_mirror_image(tmp_path: Path, tile: str | int) -> None:
    model = opened(write_weights(tmp_path / "s.safetensors", symmetric()), tile=tile)
    given = photo(4)
    assert given.alpha is not None
    flipped = replace(given, pixels=given.pixels.flip(2), alpha=given.alpha.flip(2))
    plain, mirrored = model.convert(given).samples, model.convert(flipped).samples
    assert largest_difference(plain[:, ::-1], mirrored) <= 1
    assert largest_difference(plain, mirrored) > 20, "else the test could not fail"


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [8, 16])
def test_channels_and_depth_come_back(weights: Path, channels: int, bits: int) -> None:
    result = opened(weights, tile=32).convert(replace(photo(channels, bits=bits), icc=b"p", exif=b"e", note="n"))
    assert result.samples.shape == (80, 106, channels)
    assert result.samples.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert (result.icc, result.exif, result.note) == (b"p", b"e", "n")


def test_sixteen_bits_are_not_eight(weights: Path) -> None:
    samples = opened(weights).convert(photo(3, bits=16)).samples
    assert len(np.unique(samples % 257)) > 200, "values between those of eight bits"


def test_bands_become_what_the_whole_picture_becomes(weights: Path) -> None:
    given, model = photo(4, 150, 90), opened(weights)
    shares: list[float] = []
    tiled = replace(model, tile=32).convert(given, watch=shares.append).samples
    assert largest_difference(tiled, replace(model, tile="off").convert(given).samples) <= 1
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) > 4


def test_colour_under_full_transparency_is_never_seen(weights: Path) -> None:
    given = photo(4)
    alpha = torch.ones(1, 40, 53)
    alpha[:, :, 20:] = 0
    bright = given.pixels.clone()
    bright[:, :, 20:] = 1
    model = opened(weights)
    first = model.convert(replace(given, alpha=alpha)).samples
    second = model.convert(replace(given, pixels=bright, alpha=alpha)).samples
    assert np.array_equal(first, second)
    assert first[:, :36, 3].min() == 255 and first[:, 44:, 3].max() == 0


def saved(tmp_path: Path, spec: ResnetSpec | UNetSpec) -> Model:
    torch.manual_seed(0)
    card = ModelCard(task="translate", networks={"g": NetworkCard(spec=spec, target="prints / old")})
    save(tmp_path / "t.safetensors", {"g": build(spec)}, card)
    return open_model(str(tmp_path / "t.safetensors"), "translate", device=CPU)


def test_grey_stays_grey_unless_the_network_makes_colour_of_it(tmp_path: Path) -> None:
    colour = saved(tmp_path, ResnetSpec(width=2, blocks=1))
    assert colour.label == "prints---old"
    assert colour.convert(photo(1)).samples.shape == (40, 53, 1)
    painter = saved(tmp_path, ResnetSpec(width=2, blocks=1, input_channels=1))
    painted = painter.convert(replace(photo(1), icc=b"grey"))
    assert painted.samples.shape == (40, 53, 3) and painted.icc is None
    assert painter.convert(replace(photo(3), icc=b"colour")).icc == b"colour"


def test_statistics_of_the_whole_picture_are_tiled_only_for_lack_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = saved(tmp_path, UNetSpec(width=2, levels=2))
    given = photo(3, 70, 90)
    assert model.convert(given).note == ""
    assert np.array_equal(model.convert(given).samples, replace(model, tile="off").convert(given).samples)
    assert "in tiles of 32 px" in replace(model, tile=32).convert(given).note
    monkeypatch.setattr(engine, "TRIAL_SIDE", 0)  # or so small a photo is not asked for its memory
    monkeypatch.setattr(engine, "free_bytes", lambda _: int(64**2 * model._bytes_per_pixel / 0.6) + 1000)
    assert "in tiles of 64 px" in model.convert(given).note


def test_a_result_without_room_is_refused_before_work(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "free_bytes", lambda _: 10_000)
    with pytest.raises(MemoryError, match="the result, 106 x 80 px, takes"):
        opened(weights).convert(photo())


def test_auto_is_half_precision_only_where_the_device_has_it_and_8_bits_are_wanted(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = opened(weights)
    monkeypatch.setattr(engine, "fastest", lambda device, work: ("bf16", "fp32"))
    assert model.dtype(8) == torch.bfloat16 and model.dtype(16) == torch.float32
    assert replace(model, precision="fp32").dtype(8) == torch.float32
    assert replace(model, precisions=("fp32", "fp16")).dtype(8) == torch.float32
    monkeypatch.setattr(engine, "fastest", lambda device, work: ("fp32",))
    assert model.dtype(8) == torch.float32


def test_a_photo_as_small_as_the_trial_needs_none(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[nn.Module] = []
    measure = engine.bytes_per_pixel
    monkeypatch.setattr(
        engine, "bytes_per_pixel", lambda network, *rest: (tried.append(network), measure(network, *rest))[1]
    )
    model = opened(weights)
    model.convert(photo(3, 100, 120))
    assert not tried
    model.convert(photo(3, 100, 170))
    assert tried


def test_half_precision_is_close_and_what_overflows_in_it_is_done_again(weights: Path) -> None:
    given = photo()
    exact, half = (opened(weights, precision=name).convert(given).samples for name in ("fp32", "bf16"))
    assert 0 < largest_difference(exact, half) <= 12
    with pytest.raises(Refusal, match="fp16 needs a GPU"):
        opened(weights, precision="fp16")

    class Overflowing(nn.Module):
        def forward(self, low: Tensor) -> Tensor:
            large = nn.functional.conv2d(low, torch.full((3, 3, 1, 1), 1e5))  # more than float16 holds
            return large / 1e6

    model = Model(Overflowing(), "upscale", 3, 1, SizeNeeds(radius=0), "x1", CPU, weights, precision="fp16")
    result = model.convert(given)
    assert "computed again in float32" in result.note
    assert largest_difference(result.samples, replace(model, precision="fp32").convert(given).samples) == 0


def test_more_than_asked_is_scaled_down(tmp_path: Path) -> None:
    path = str(write_weights(tmp_path / "x4.safetensors", scale=4))
    three = open_upscaler(path, 3, device=CPU)
    assert three.label == "x3" and "x3 is made from the x4" in three.note
    pixels = photo(3, 50, 41).pixels
    four = open_upscaler(path, None, device=CPU).run(pixels)
    wanted = nn.functional.interpolate(four[None], (150, 123), mode="bicubic", antialias=True)[0]
    assert (replace(three, tile="off").run(pixels) - wanted).abs().max() < 1e-5
    assert (replace(three, tile=40).run(pixels) - wanted).abs().max() < 1e-5
    with pytest.raises(Refusal, match=r"--scale 8: .* enlarges 4 times; allowed: up to 4"):
        open_upscaler(path, 8, device=CPU)
