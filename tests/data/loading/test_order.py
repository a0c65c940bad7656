from __future__ import annotations

import numpy as np
import pytest

from img2img.data.loading.order import Order, permutation


def rows(order: Order, steps: int) -> list[int]:
    return [draw.row for step in range(steps) for draw in order.batch(step)]


@pytest.mark.parametrize("batch_size", [1, 3, 4])
def test_every_epoch_sees_every_row_once(batch_size: int) -> None:
    seen = rows(Order(6, seed=1, stream=0, batch_size=batch_size), 24)
    epochs = [sorted(seen[start : start + 6]) for start in range(0, 24, 6)]
    assert epochs == [[0, 1, 2, 3, 4, 5]] * 4
    assert seen[:6] != seen[6:12]


def test_ranks_share_the_stream_that_one_would_have() -> None:
    alone = rows(Order(10, seed=3, stream=0, batch_size=4), 5)
    ranks = [Order(10, seed=3, stream=0, batch_size=2, rank=rank, ranks=2) for rank in (0, 1)]
    together = [draw.row for step in range(5) for rank in ranks for draw in rank.batch(step)]
    assert together == alone


def test_a_batch_depends_on_its_step_alone() -> None:
    order = Order(7, seed=5, stream=1, batch_size=3)
    forwards = [order.batch(step) for step in range(20)]
    permutation.cache_clear()
    assert [order.batch(step) for step in reversed(range(20))] == forwards[::-1]


def test_seeds_and_streams_differ() -> None:
    first = rows(Order(50, seed=0, stream=0, batch_size=50), 1)
    assert rows(Order(50, seed=1, stream=0, batch_size=50), 1) != first
    assert rows(Order(50, seed=0, stream=1, batch_size=50), 1) != first


def test_domains_are_cut_at_places_of_their_own() -> None:
    """Of two unpaired domains one would else always show the same corner as the other."""
    orders = [Order(9, seed=0, stream=stream, batch_size=200) for stream in (0, 1)]
    one, other = ([draw.down for draw in order.batch(0)] for order in orders)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.29  # four standard errors


def test_steps_that_share_their_pictures_have_windows_of_their_own() -> None:
    once, thrice = Order(7, seed=2, stream=0, batch_size=2), Order(7, seed=2, stream=0, batch_size=2, windows=3)
    for group in range(8):
        draws = [thrice.batch(step) for step in range(3 * group, 3 * group + 3)]
        assert [[draw.row for draw in batch] for batch in draws] == [[draw.row for draw in once.batch(group)]] * 3
        assert len({(draw.down, draw.across) for batch in draws for draw in batch}) == 6


def test_windows_are_spread_over_the_room_that_there_is() -> None:
    draws = [draw for step in range(200) for draw in Order(3, seed=0, stream=0, batch_size=5).batch(step)]
    places = np.array([(draw.down, draw.across) for draw in draws])
    assert places.min() >= 0
    assert places.max() < 1
    assert np.abs(places.mean(axis=0) - 0.5).max() < 0.04  # four standard errors
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.13
