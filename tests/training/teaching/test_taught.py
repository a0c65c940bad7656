"""Rows of examples in a batch: where they are cut, how many they are, what they depend on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from img2img.data.loading.dataset import TrainingData
from img2img.training.teaching.examples import Examples
from img2img.training.teaching.taught import Taught, WithExamples


class Black:
    """Data of black pictures, that remembers how many are wanted."""

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        while True:
            yield {"high": torch.zeros(batch_size, 3, 8, 8, dtype=torch.uint8)}


class Lowered(nn.Module):
    """Black, and black at a quarter of the size."""

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        high = batch["high"].float() / 127.5 - 1
        return {"high": high, "low": high[..., ::4, ::4]}


@pytest.fixture
def taught(tmp_path: Path) -> Taught:
    """Two examples whose low resolution is every fourth pixel of the high one, which the teacher has negated."""
    examples = Examples(tmp_path / "kept", 2)
    for number in range(2):
        places = torch.arange(16.0)
        high = ((places[:, None] * 16 + places + number) / 135.5 - 1).expand(1, 3, 16, 16)
        examples.write(number, {"high": high, "low": high[..., ::4, ::4], "taught": -high})
    return Taught(cast(TrainingData, cast(Any, Black())), examples, share=0.5, size=8, flip=False)


def test_crops_of_all_sides_show_the_same(taught: Taught) -> None:
    source = taught.batches(0, 0, 4)
    whole = WithExamples(Lowered())
    corners = set()
    for _ in range(20):
        batch = whole(next(source))
        assert {side: len(values) for side, values in batch.items()} == {"high": 4, "low": 4, "taught": 2}
        assert (batch["high"][:2] == -1).all() and (batch["low"][:2] == -1).all()
        torch.testing.assert_close(batch["low"][2:], batch["high"][2:, :, ::4, ::4], rtol=0, atol=1e-6)
        assert (batch["taught"] + batch["high"][2:]).abs().max() < 0.02
        corners |= {float(values) for values in batch["high"][2:, 0, 0, 0]}
    assert len(corners) > 8, "other places and examples each time"


def test_the_mirror_image_of_all_sides(taught: Taught) -> None:
    taught.flip = True
    source, directions = taught.batches(0, 0, 4), set()
    for _ in range(10):
        batch = WithExamples(Lowered())(next(source))
        for row in (0, 1):
            slopes = [bool(s[0, 0, -1] > s[0, 0, 0]) for s in (batch["high"][2 + row], batch["low"][2 + row])]
            slopes.append(bool(batch["taught"][row][0, 0, -1] < batch["taught"][row][0, 0, 0]))
            assert len(set(slopes)) == 1
            directions.add(slopes[0])
    assert directions == {True, False}


def test_a_batch_depends_on_seed_step_and_rank_alone(taught: Taught) -> None:
    def rows(seed: int = 0, step: int = 3, rank: int = 0) -> Tensor:
        return next(taught.batches(seed, step, 16, rank, 2))["example taught"]

    through = taught.batches(0, 0, 16, 0, 2)
    assert torch.equal([next(through) for _ in range(4)][3]["example taught"], rows())
    assert not any(torch.equal(rows(), other) for other in (rows(seed=1), rows(step=4), rows(rank=1)))
