"""Small batches are prepared several at a time, as functions of their numbers alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest
import torch
from torch import Tensor, nn

from img2img.data.derive import Derive
from img2img.training.step.preparation import TOGETHER, Preparation


class Noisy(Derive):
    """Adds noise, and counts its calls and how far the run was at each."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    def forward(self, batch):
        self.at.append(self.progress)
        return {name: rows + torch.rand(rows.shape) for name, rows in batch.items()}


def preparation(augment: nn.Module, batch_size: int = 2, seed: int = 0, rank: int = 0) -> Preparation:
    return Preparation(augment, batch_size, seed, rank, torch.device("cpu"), torch.contiguous_format)


def raw(first: int, rows: int = 2) -> Iterator[dict[str, Tensor]]:
    """Batch i is full of i."""
    while True:
        yield {"a": torch.full((rows, 3, 4, 4), float(first)), "label": torch.full((rows,), float(first))}
        first += 1


def taken(made: Preparation, wanted: int, count: int, rows: int = 2) -> list[dict[str, Tensor]]:
    stream = made.stream(raw(made.first_of(wanted), rows), wanted, lambda number: number / 100)
    return list(islice(stream, count))


def test_eight_pictures_go_together_and_every_batch_keeps_its_own_rows() -> None:
    augment = Noisy()
    batches = taken(preparation(augment), 0, TOGETHER)
    assert augment.at == [0, 0.04]
    for number, batch in enumerate(batches):
        assert batch["a"].shape == (2, 3, 4, 4)
        assert all(torch.equal(rows.floor(), torch.full_like(rows, number)) for rows in batch.values())


@pytest.mark.parametrize("wanted", [1, 3, 4, 6])
def test_a_run_that_goes_on_in_the_middle_has_the_same_batches(wanted: int) -> None:
    whole, rest = taken(preparation(Noisy()), 0, 10), taken(preparation(Noisy()), wanted, 10 - wanted)
    for one, other in zip(whole[wanted:], rest, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_seeds_ranks_and_groups_have_draws_of_their_own() -> None:
    drawn = [taken(preparation(Noisy(), seed=seed, rank=rank), 0, 5) for seed, rank in ((0, 0), (1, 0), (0, 1))]
    noise = [batches[0]["a"] for batches in drawn] + [drawn[0][4]["a"] - 4]
    assert not any(torch.equal(one, other) for i, one in enumerate(noise) for other in noise[:i])


@pytest.mark.parametrize(("batch_size", "rows", "calls"), [(8, 8, 4), (16, 16, 4), (2, 1, 4)])
def test_large_batches_and_rows_of_another_number_go_alone(batch_size: int, rows: int, calls: int) -> None:
    augment = Noisy()
    assert [len(batch["a"]) for batch in taken(preparation(augment, batch_size), 0, 4, rows)] == [rows] * 4
    assert len(augment.at) == calls


def test_a_source_that_ends_gives_what_it_has() -> None:
    made = preparation(Noisy())
    assert len(list(made.stream(list(islice(raw(0), 3)), 0, lambda number: 0.0))) == 3
