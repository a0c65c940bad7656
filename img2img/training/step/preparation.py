"""From the data's batches to the networks' own, several at a time: augmented, with masks or low resolutions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

import torch
from torch import Tensor, nn

from img2img.recipes.recipe import Batch
from img2img.run_progress import FollowsProgress

from .placement import laid_out
from .schedule import seed_noise

TOGETHER = 8
"""Pictures that are prepared together where batches are smaller. A GPU takes as long for one small picture: of the
1,584 launches of a step of srgan at batch size 1, 804 prepared its batch."""

DRAW = 1 << 22
"""Of `seed_noise`: sets these draws apart from those of steps."""


@dataclass(frozen=True)
class Preparation:
    """Batches made ready on the device, as functions of (seed, rank, number of the batch) alone.

    augment: raw batch on the device -> float32 batch in [-1, 1], row by row, random through torch's global state.
    """

    augment: nn.Module
    batch_size: int
    seed: int
    rank: int
    device: torch.device
    layout: torch.memory_format

    @property
    def together(self) -> int:
        """Batches that are prepared at once."""
        return max(1, TOGETHER // self.batch_size)

    def first_of(self, wanted: int) -> int:
        """Which batch begins those among which `wanted` is prepared, so that a resumed run prepares the same ones."""
        return wanted - wanted % self.together

    def stream(
        self, raw: Iterable[dict[str, Tensor]], wanted: int, progress: Callable[[int], float]
    ) -> Iterator[Batch]:
        """Batches from number `wanted` on. raw: from `first_of(wanted)` on; progress: how far the run is at a batch."""
        source, parts = iter(raw), followers(self.augment)
        for number in count(self.first_of(wanted), self.together):
            drawn = list(islice(source, self.together))
            for part in parts:
                part.follow_progress(progress(number))
            yield from self.prepared(drawn, number)[max(0, wanted - number) :]
            if len(drawn) < self.together:
                return

    @torch.no_grad()
    def prepared(self, raw: list[dict[str, Tensor]], number: int) -> list[Batch]:
        """Raw batches from `number` on, made ready."""
        if any(len(rows) != self.batch_size for batch in raw for rows in batch.values()):
            # Rows that do not go with the others', as a teacher's examples: they cannot be told apart again.
            return [self._made(batch, number + place) for place, batch in enumerate(raw)]
        if not raw:
            return []
        made = self._made({name: _joined([batch[name] for batch in raw]) for name in raw[0]}, number)
        parts = {name: rows.split(self.batch_size) for name, rows in made.items()}
        return [{name: rows[place] for name, rows in parts.items()} for place in range(len(raw))]

    def _made(self, raw: dict[str, Tensor], number: int) -> Batch:
        on_device = {name: rows.to(self.device, non_blocking=True) for name, rows in raw.items()}
        seed_noise(self.seed, self.rank, number, DRAW)
        return laid_out(self.augment(on_device), self.layout)


def followers(network: nn.Module) -> list[FollowsProgress]:
    """Its parts that change in the course of a run."""
    return [part for part in network.modules() if isinstance(part, FollowsProgress)]


def _joined(rows: list[Tensor]) -> Tensor:
    """One after another; in pinned memory where they are, so that no copy to a GPU waits."""
    if len(rows) == 1 or not (torch.cuda.is_available() and rows[0].is_pinned()):
        return torch.cat(rows)
    shape = (sum(map(len, rows)), *rows[0].shape[1:])
    return torch.cat(rows, out=torch.empty(shape, dtype=rows[0].dtype, pin_memory=True))
