"""Tiled equals whole, whatever the size; nothing is missing when memory runs out."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tiled import run_tiled
from torch import Tensor, nn

from img2img.apply.engine.forward import NotFiniteError
from img2img.apply.engine.tiles import run_whole, tiled_bands
from img2img.apply.engine.tiling import Tiling
from img2img.images import as_floats, to_pixels
from img2img.images.samples import to_planes

RADIUS = {1: 4, 2: 10, 8: 28}  # px, of the stacks below


def stack(scale: int, multiple: int, channels: int = 3) -> nn.Module:
    """A small random network that needs sides divisible by `multiple` and enlarges by `scale`."""
    first = {
        1: [nn.Conv2d(channels, 5, 3, padding=1), nn.Tanh(), nn.Conv2d(5, 5, 5, padding=2)],
        2: [nn.ReflectionPad2d(1), nn.Conv2d(channels, 5, 4, 2), nn.Tanh(), nn.Upsample(scale_factor=2)],
        8: [nn.Conv2d(channels, 5, 8, 8), nn.Tanh(), nn.ConvTranspose2d(5, 5, 8, 8)],
    }[multiple]
    last = [nn.Conv2d(5, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)]
    return nn.Sequential(*first, *last)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_tiled_equals_whole(data: st.DataObject) -> None:
    torch.set_num_threads(1)
    scale, multiple = data.draw(st.sampled_from([1, 2])), data.draw(st.sampled_from([1, 2, 8]))
    height, width = data.draw(st.integers(1, 100)), data.draw(st.integers(1, 100))
    halo = RADIUS[multiple] + data.draw(st.integers(0, 3))
    size = 2 * halo + 2 * multiple + data.draw(st.integers(0, 40))
    tiling = Tiling(size, halo, data.draw(st.integers(0, 24)), data.draw(st.integers(1, 3)))
    torch.manual_seed(height * 1000 + width)
    net, image = stack(scale, multiple), torch.rand(3, height, width) * 2 - 1
    whole = run_whole(net, image, multiple, scale=scale, minimum=2)
    tiled = run_tiled(net, image, tiling, scale, multiple, minimum=2)
    assert whole.shape == tiled.shape == (3, height * scale, width * scale)
    assert (whole - tiled).abs().max() < 1e-5
    assert not tiled.is_inference() and not whole.is_inference()


def test_whole_is_the_plain_network_where_nothing_needs_padding() -> None:
    net, image = stack(2, 8), torch.rand(3, 32, 40)
    with torch.inference_mode():
        assert torch.equal(run_whole(net, image, 8, scale=2), net(image[None])[0])


def test_padding_reflects_and_repeats_the_border_of_tiny_pictures() -> None:
    seen: list[Tensor] = []

    def net(batch: Tensor) -> Tensor:
        seen.append(batch.clone())
        return batch

    run_whole(net, torch.arange(5.0).reshape(1, 1, 5), 8)
    assert seen[0][0, 0, 0].tolist() == [0, 1, 2, 3, 4, 3, 2, 1]
    run_whole(net, torch.arange(2.0).reshape(1, 1, 2), 1, minimum=5)
    assert seen[1][0, 0, 0].tolist() == [0, 1, 1, 1, 1] and seen[1].shape[2] == 5


def test_bands_come_in_order_without_gaps_and_are_the_callers() -> None:
    net, image = stack(2, 1), torch.rand(3, 70, 33)
    whole = run_whole(net, image, scale=2)
    tall, kept = 0, []
    for top, band in tiled_bands(net, image, Tiling(24, 4, 6), 2):
        assert top == tall and band.shape[2] == 66
        tall += band.shape[1]
        kept.append(band.clone())
        band.zero_()  # must not be looked at again
    assert tall == 140 and len(kept) > 2
    assert (torch.cat(kept, 1) - whole).abs().max() < 1e-5


def test_only_one_row_of_tiles_is_alive() -> None:
    started = 0

    def net(batch: Tensor) -> Tensor:
        nonlocal started
        started += 1
        return batch

    bands = tiled_bands(net, torch.zeros(1, 2048, 64), Tiling(64, 8, 8))
    for number, (_, band) in enumerate(bands, 1):
        assert started == number and band.shape[1] <= 64


def test_a_statistic_of_the_whole_picture_shows_no_seam() -> None:
    """Not exact, but cross-faded: the step between neighbours stays as small as the fade makes it."""

    def net(batch: Tensor) -> Tensor:
        return batch * 0 + batch.mean((2, 3), keepdim=True)

    image = torch.linspace(-1, 1, 200).repeat(40, 1)[None]
    out = run_tiled(net, image, Tiling(64, 8, 32))
    assert out[0, 20].diff().abs().max() < 0.03
    assert run_tiled(net, image, Tiling(64, 8, 0))[0, 20].diff().abs().max() > 0.2


class Small(nn.Module):
    """A device that holds `pixels` px of a batch and no more."""

    def __init__(self, net: nn.Module, pixels: int, error: type[Exception] = torch.OutOfMemoryError) -> None:
        super().__init__()
        self.net, self.pixels, self.error = net, pixels, error
        self.largest, self.failures = 0, 0

    def forward(self, batch: Tensor) -> Tensor:
        pixels = batch.shape[0] * batch.shape[2] * batch.shape[3]
        if pixels > self.pixels:
            self.failures += 1
            raise self.error("CUDA out of memory. Tried to allocate 2 GiB")
        self.largest = max(self.largest, pixels)
        return self.net(batch)


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError, MemoryError])
@pytest.mark.parametrize("multiple", [1, 8])
def test_out_of_memory_halves_the_tile_and_misses_none(batch: int, error: type[Exception], multiple: int) -> None:
    torch.manual_seed(0)
    net, image, lines = stack(2, multiple), torch.rand(3, 130, 150), []
    halo = RADIUS[multiple]
    small = Small(net, (2 * halo + 24) ** 2, error)
    tiling = Tiling(128, halo, 8, batch, snug=False)
    tiled = run_tiled(small, image, tiling, 2, multiple, report=lines.append)
    assert (tiled - run_whole(net, image, multiple, scale=2)).abs().max() < 1e-5
    assert 1 <= small.failures <= 4  # learnt once, not tile by tile
    half = {1: 64, 8: 72}[multiple]  # 72 px is the floor of that halo
    assert len(lines) == small.failures
    assert f"out of memory with a tile of 128 px: going on with {half} px" in "".join(lines)


def test_out_of_memory_in_the_middle_of_a_row() -> None:
    """The batch falls while a row of tiles is under way; the row stays whole."""
    net, image = stack(1, 1), torch.rand(3, 60, 300)
    calls = 0

    def moody(batch: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise torch.OutOfMemoryError("out of memory")
        return net(batch)

    with pytest.warns(RuntimeWarning, match="out of memory with 2 tiles at once"):
        tiled = run_tiled(moody, image, Tiling(40, 4, 4, batch=2))
    assert (tiled - run_whole(net, image)).abs().max() < 1e-5


def test_out_of_memory_at_the_smallest_tile_is_an_error() -> None:
    small, lines = Small(stack(1, 1), 100), []
    with pytest.raises(MemoryError, match=r"smallest tile, 24 px \(halo 4 px\): CUDA out of memory"):
        run_tiled(small, torch.rand(3, 90, 90), Tiling(64, 4, snug=False), report=lines.append)
    assert [line.split("going on with ")[1].split(" (")[0] for line in lines] == ["32 px", "24 px"]


def test_other_errors_go_through() -> None:
    def broken(batch: Tensor) -> Tensor:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1"):
        run_tiled(broken, torch.rand(3, 9, 9), Tiling(9, 1))


class Overflowing(nn.Module):
    """Gives infinity in half precision wherever the picture is bright."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.constant_(self.conv.weight, 300.0)

    def forward(self, batch: Tensor) -> Tensor:
        half = self.conv.weight.dtype == torch.float16 or torch.is_autocast_enabled("cpu")
        out = self.conv(self.conv(batch.to(self.conv.weight.dtype)).float().to(self.conv.weight.dtype)).float()
        return (torch.where(out > 65504, torch.inf, out) if half else out) / 90000


def test_a_tile_that_is_not_finite_is_done_again_in_float32() -> None:
    image = torch.zeros(1, 30, 60)
    image[0, 20, 50] = 1.0
    for net, precision in ((Overflowing().half(), None), (Overflowing(), torch.bfloat16)):
        lines: list[str] = []
        out = run_tiled(net, image, Tiling(16, 0, 0, 2), precision=precision, report=lines.append)
        assert out[0, 20, 50] == 1 and out.sum() == 1
        assert len(lines) == 1 and "computed again in float32" in lines[0]
        assert next(net.parameters()).dtype == (torch.float16 if precision is None else torch.float32)


def test_the_callers_autocast_is_off_while_a_tile_is_done_again() -> None:
    with torch.autocast("cpu", torch.bfloat16), pytest.warns(RuntimeWarning, match="again in float32"):
        out = run_tiled(Overflowing(), torch.ones(1, 5, 5), Tiling(16, 0))
    assert torch.equal(out, torch.ones(1, 5, 5))


def test_a_tile_that_stays_not_finite_is_an_error_with_its_place() -> None:
    image = torch.zeros(1, 40, 40)
    image[0, 35, 2] = 1.0
    with (
        pytest.raises(NotFiniteError, match="x=0 y=24, 16 x 16 px"),
        pytest.warns(RuntimeWarning, match="not finite at x=0 y=24"),
    ):
        run_tiled(lambda batch: 1 / (1 - batch), image, Tiling(16, 2, 4, 3))


def test_of_several_tiles_at_once_the_one_that_is_not_finite_is_named() -> None:
    image = torch.zeros(1, 16, 32)
    image[0, 5, 29] = 1.0
    with (
        pytest.raises(NotFiniteError, match="x=16 y=0, 16 x 16 px"),
        pytest.warns(RuntimeWarning, match="not finite at x=16 y=0"),
    ):
        run_tiled(lambda batch: 1 / (1 - batch), image, Tiling(16, 2, 4, 3))


def test_a_wrong_scale_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"allowed with scale 2: \(1, C, 16, 16\)"):
        run_whole(stack(1, 1), torch.rand(3, 8, 8), scale=2)


def test_callers_may_be_in_inference_mode_or_hold_gradients() -> None:
    net, image = stack(1, 1), torch.rand(3, 30, 30)
    with torch.inference_mode():
        inside = run_tiled(net, image, Tiling(16, 4, 2))
    assert torch.equal(inside, run_tiled(net, image, Tiling(16, 4, 2)))
    assert not run_tiled(net, image, Tiling(16, 4, 2)).requires_grad


@pytest.mark.parametrize(("kind", "top"), [(torch.uint8, 255), (torch.uint16, 65535)])
def test_integers_give_what_their_floats_give(kind: torch.dtype, top: int) -> None:
    torch.manual_seed(0)
    net, samples = stack(2, 2), torch.randint(0, top + 1, (37, 45, 3)).to(kind)
    planes, pixels = to_planes(samples.numpy()), to_pixels(samples.numpy())
    assert planes.dtype == kind and torch.equal(as_floats(planes), pixels)
    whole = [run_whole(net, image, 2, 2, scale=2) for image in (planes, pixels)]
    tiled = [run_tiled(net, image, Tiling(32, 10), 2, 2, minimum=2) for image in (planes, pixels)]
    assert torch.equal(*whole) and torch.equal(*tiled)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_only_the_tiles_that_add_to_what_is_wanted_are_run(data: st.DataObject) -> None:
    torch.set_num_threads(1)
    height, width = data.draw(st.integers(1, 120)), data.draw(st.integers(1, 120))
    wanted = torch.zeros(height, width, dtype=torch.uint8)
    squares = data.draw(st.integers(0, 3))
    for _ in range(squares):
        y, x = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
        wanted[y : y + 9, x : x + 9] = 1
    torch.manual_seed(height * 1000 + width)
    net, image, tiling = stack(1, 1), torch.rand(3, height, width) * 2 - 1, Tiling(32, 4, 6)
    calls: list[int] = []

    def counted(batch: Tensor) -> Tensor:
        calls.append(len(batch))
        return net(batch)

    whole, found = run_whole(net, image), torch.full((3, height, width), torch.nan)
    for top, band in tiled_bands(counted, image, tiling, wanted=wanted):
        found[:, top : top + band.shape[1]] = band
    assert not wanted.any() or (found - whole)[:, wanted > 0].abs().max() < 1e-5
    assert sum(calls) <= squares * 9, "a square of 9 px meets three windows of an axis at most; there are up to 36"
    assert bool(calls) == bool(wanted.any())


def test_a_halved_tile_is_not_all_cross_fade() -> None:
    """With the fade of the larger tile each window would add a px or two to the one before it."""
    torch.manual_seed(0)
    net, image = stack(1, 1), torch.rand(3, 160, 160)
    small = Small(net, 64 * 64)
    shown = 0

    def counted(batch: Tensor) -> Tensor:
        nonlocal shown
        shown += batch[0, 0].numel()
        assert shown < 6 * 160 * 160, "the network sees the picture again and again"
        return small(batch)

    tiled = run_tiled(counted, image, Tiling(160, 4, 72), report=lambda line: None)
    assert (tiled - run_whole(net, image)).abs().max() < 1e-5
