"""Batches of which some rows come from a teacher's examples."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing

import numpy as np
import torch
from torch import Tensor, nn

from img2img.config.base import Refusal
from img2img.data.augment import MASK, signed
from img2img.data.loading.dataset import TrainingData
from img2img.recipes.shared.two_phases import TAUGHT

from .examples import Examples

PREFIX = "example "
"""In a raw batch, before the names of the sides that are examples' and want no augmentation any more."""
STREAM = 7
"""Sets the draws of examples apart from those of pictures."""


class Taught:
    """Training data whose batches end with `share` of their rows cut from examples.

    size: side of the crops, px of the side "high"; other sides that are smaller are cut likewise.
    """

    def __init__(self, data: TrainingData, examples: Examples, share: float, size: int, flip: bool) -> None:
        self.data, self.examples, self.share, self.size, self.flip = data, examples, share, size, flip

    def steps_per_epoch(self, images_per_step: int) -> int:
        """As of the data: a share of the rows shows the same pictures again."""
        return self.data.steps_per_epoch(images_per_step)

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Generator[dict[str, Tensor], None, None]:
        """As `TrainingData.batches`; rows of examples have names of their own. A function of (seed, step, rank).

        Raises Refusal where the share leaves no row for the one or the other.
        """
        taught = taught_of(self.share, batch_size)
        with closing(self.data.batches(seed, first_step, batch_size - taught, rank, ranks)) as ordinary:
            for step, batch in enumerate(ordinary, start=first_step):
                draws = np.random.default_rng((seed, STREAM, rank, step))
                cut = [self._cut(draws) for _ in range(taught)]
                rows = {f"{PREFIX}{side}": np.stack([one[side] for one in cut]) for side in cut[0]}
                yield batch | {name: torch.from_numpy(values) for name, values in rows.items()}

    def _cut(self, draws: np.random.Generator) -> dict[str, np.ndarray]:
        """A square of one example, on whole pixels of its coarsest side, mirrored or not."""
        example = self.examples.read(int(draws.integers(self.examples.count)))
        high = example[TAUGHT].shape[1]
        if high < self.size:
            raise Refusal(f"{self.examples.folder}: has examples of {high} px, smaller than {self.size}; remove it")
        coarsest = min(values.shape[1] for values in example.values())
        step = high // coarsest
        down, across = draws.integers((high - self.size) // step + 1, size=2)
        mirrored = self.flip and draws.random() < 0.5
        found = {}
        for side, values in example.items():
            factor = high // values.shape[1]
            top, left, length = (int(number) * step // factor for number in (down, across, self.size // step))
            square = values[:, top : top + length, left : left + length]
            found[side] = np.ascontiguousarray(square[..., ::-1] if mirrored else square)
        return found


def taught_of(share: float, batch_size: int) -> int:
    """Rows of a batch that are cut from examples. Raises Refusal where that leaves no row for the one or the other."""
    taught = round(share * batch_size)
    if not 0 < taught < batch_size:
        raise Refusal(
            f"--teacher-share {share:g}: of --batch-size {batch_size} that is {taught}; at least one picture of each "
            f"kind is needed"
        )
    return taught


class WithExamples(nn.Module):
    """What makes a raw batch of `Taught` into the recipe's: `ordinary` for its own rows, then the rows of examples.

    The result's TAUGHT (n, C, S, S) goes with the last n rows of the other sides.
    """

    def __init__(self, ordinary: nn.Module) -> None:
        super().__init__()
        self.ordinary = ordinary

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """{side: (N, C, S, S)} as it comes from the data -> float32 in [-1, 1]."""
        rows = {name.removeprefix(PREFIX): values for name, values in batch.items() if name.startswith(PREFIX)}
        sides: dict[str, Tensor] = self.ordinary({side: batch[side] for side in batch if not side.startswith(PREFIX)})
        if not rows:
            return sides
        made = {side: values.float() if side == MASK else signed(values) for side, values in rows.items()}
        return {side: torch.cat([values, made[side]]) for side, values in sides.items()} | {TAUGHT: made[TAUGHT]}
