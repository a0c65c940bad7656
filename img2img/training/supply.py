"""Batches that do not end on one rank alone: the others would wait for it in the middle of a step."""

from __future__ import annotations

from collections.abc import Iterator

from img2img.recipes.recipe import Batch

from .ranks import RankLost, Ranks


class Supply(Iterator[Batch]):
    """The batches of this rank. Where they break off among several ranks, the last one comes again and `failed` is why:
    this rank then votes to end, and all of them end after the same step, with a state that is whole.
    """

    def __init__(self, batches: Iterator[Batch], ranks: Ranks) -> None:
        self.failed: Exception | None = None
        self._batches, self._ranks = batches, ranks
        self._last: Batch | None = None

    def __next__(self) -> Batch:
        if self.failed is None:
            try:
                self._last = next(self._batches)
            except Exception as error:
                if self._ranks.count == 1 or self._last is None:
                    raise
                self.failed = error
        assert self._last is not None
        return self._last

    def raise_what_any_rank_met(self) -> None:
        """Raises, on every rank, what has ended the data of one. Every rank must call it."""
        mine = self.failed and " ".join(str(self.failed).split())
        for rank, why in enumerate(self._ranks.everyones(mine)):
            if why is None:
                continue
            raise self.failed or RankLost(f"rank {rank} has no more data: {why}")
