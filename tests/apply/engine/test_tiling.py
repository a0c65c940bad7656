"""Where tiles lie."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from img2img.apply.engine.tiling import Tiling, cut, smallest_tile


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_windows_cover_the_axis_and_shares_add_up_to_one(data: st.DataObject) -> None:
    multiple, scale = data.draw(st.sampled_from([1, 2, 8])), data.draw(st.sampled_from([1, 2, 4]))
    length = data.draw(st.integers(1, 60)) * multiple
    halo = data.draw(st.integers(0, 12))
    size, blend = 2 * halo + multiple * 2 + data.draw(st.integers(0, 30)), data.draw(st.integers(0, 20))
    tiling = Tiling(size, halo, blend, snug=data.draw(st.booleans()))
    axis = cut(length, tiling, multiple)
    assert axis.starts[0] == 0 and axis.starts[-1] + axis.window == length
    assert axis.window <= max(tiling.size, 1) and all(start % multiple == 0 for start in axis.starts)
    total, done = torch.zeros(length * scale), 0
    for number, start in enumerate(axis.starts):
        first, end = axis.span(number, scale)
        assert first == done
        share = axis.weights(number, scale)
        assert share.min() >= 0
        total[first:end] += share
        done = axis.finished(number, scale)
        # what counts lies beyond the halo, save where the window ends at the picture's border
        assert first >= (start + (halo if start else 0)) * scale
        last = start + axis.window
        assert end <= (last - (halo if last < length else 0)) * scale
    assert done == length * scale
    torch.testing.assert_close(total, torch.ones_like(total), rtol=0, atol=1e-6)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(1, 500), st.integers(20, 90), st.integers(0, 6), st.integers(0, 6), st.sampled_from([1, 2, 8]))
def test_snug_windows_are_as_many_and_the_smallest_that_do(
    length: int, size: int, halo: int, blend: int, multiple: int
) -> None:
    length, size = length * multiple, size // multiple * multiple + multiple
    snug, full = (cut(length, Tiling(size, halo, blend, snug=snug), multiple) for snug in (True, False))
    assert len(snug.starts) == len(full.starts)
    assert snug.window <= full.window == min(size, length)
    less = snug.window - multiple
    if len(snug.starts) > 1 and less - multiple >= 2 * halo + blend:  # else the cross-fade would become narrower
        assert len(cut(length, Tiling(less, halo, blend, snug=False), multiple).starts) > len(snug.starts)


def test_tiles_too_small_for_their_halo_are_refused() -> None:
    with pytest.raises(ValueError, match="tile of 16 px with a halo of 8; allowed: more than 16"):
        Tiling(16, 8)
    with pytest.raises(ValueError, match="allowed: >= 24 px"):
        cut(100, Tiling(20, 8), 8)
    with pytest.raises(ValueError, match="batch 0"):
        Tiling(16, 2, batch=0)


def test_the_smallest_tile_adds_something_beyond_its_halo() -> None:
    assert smallest_tile(32, 8) == 80 and smallest_tile(0) == 16 and smallest_tile(8, 32) == 64
