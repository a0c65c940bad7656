"""How photos are cut: exact where memory allows, and said where not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from img2img.apply.engine.tile_choice import SHARE, choose_tiles, on_cpu, on_gpu
from img2img.apply.engine.tiling import cut, round_up
from img2img.config.base import Refusal
from img2img.config.networks import SizeNeeds

GIB = 1 << 30


@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=st.data())
def test_tiles_fit_into_memory_and_see_what_the_network_sees(data: st.DataObject) -> None:
    radius, multiple = data.draw(st.integers(0, 90)), data.draw(st.sampled_from([1, 2, 8]))
    needs = SizeNeeds(radius=radius, multiple_of=multiple, minimum=multiple)
    height, width = data.draw(st.integers(1, 5000)), data.draw(st.integers(1, 5000))
    per_pixel, free = data.draw(st.floats(100, 20000)), data.draw(st.integers(1, 64)) * GIB // 4
    memory = data.draw(st.sampled_from([on_cpu, on_gpu]))(per_pixel, free)
    scale = data.draw(st.sampled_from([1, 2, 4]))
    tiling, note = choose_tiles(height, width, needs, scale, memory)
    assert cut(round_up(max(height, multiple), multiple), tiling, multiple).starts[0] == 0, "it can be cut so"
    if not note:
        assert tiling.halo >= radius
    if tiling.size > max(4 * 32, 2 * tiling.halo + multiple + 16):
        assert min(tiling.size, height) * min(tiling.size, width) * per_pixel <= SHARE * free
    assert (note == "") == (tiling.halo >= radius or max(height, width) <= tiling.size)


def test_a_100_megapixel_result_keeps_below_two_gib() -> None:
    """Base of the process 0.55, result 0.28, its copy in Pillow 0.37 GiB."""
    for per_pixel, radius in ((768.0, 18), (9728.0, 40)):  # light-sr, SRResNet
        tiling, note = choose_tiles(2500, 2500, SizeNeeds(radius=radius), 4, on_cpu(per_pixel, 16 * GIB))
        strip = tiling.size * 4 * 10000 * 3 * 4
        assert note == "" and tiling.halo == radius
        assert tiling.size**2 * per_pixel + strip < 1.05 * GIB


def test_networks_that_see_too_far_get_narrower_halos_and_a_note() -> None:
    needs = SizeNeeds(radius=350)  # RRDB with 23 blocks
    tiling, note = choose_tiles(2000, 2000, needs, 4, on_cpu(9728, 16 * GIB))
    assert 32 <= tiling.halo < 350 and "the network sees 350" in note
    tiling, note = choose_tiles(2000, 2000, needs, 4, on_gpu(9728, 80 * GIB))
    assert tiling.halo == 350 and tiling.size == 1400 and note == ""


def test_whole_pictures_for_statistics_of_the_whole() -> None:
    needs = SizeNeeds(multiple_of=256, minimum=256, exact_tiling=False)
    tiling, note = choose_tiles(3000, 4000, needs, 1, on_cpu(440, 16 * GIB))
    assert tiling.size >= 4096 and note == ""
    tiling, note = choose_tiles(3000, 4000, needs, 1, on_cpu(440, 4 * GIB))
    assert 1024 <= tiling.size < 4000 and tiling.size % 256 == 0 and f"tiles of {tiling.size} px" in note


def test_what_is_asked_for_is_done() -> None:
    needs = SizeNeeds(radius=18)
    assert choose_tiles(500, 500, needs, 4, on_cpu(768, GIB), 64)[0].size == 64
    narrow, note = choose_tiles(500, 500, needs, 4, on_cpu(768, GIB), 48)
    assert (narrow.size, narrow.halo) == (48, 6) and "sees 18" in note
    with pytest.raises(Refusal, match="--tile 8: this network takes tiles of 16 px or more"):
        choose_tiles(500, 500, needs, 4, on_cpu(768, GIB), 8)


@pytest.mark.parametrize("width", [2_000, 20_000, 100_000])
def test_a_row_of_finished_tiles_across_a_wide_photo_is_bounded(width: int) -> None:
    memory = on_cpu(768.0, 16 * GIB)
    tiling, note = choose_tiles(3000, width, SizeNeeds(radius=2), 4, memory)
    row = tiling.size * 4 * width * 4 * 3 * 4
    assert note == "" and (row <= memory.strip or tiling.size == 32), "32 px is the smallest"
