"""One turn of a step: its batches, and the fakes that the generators play on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from img2img.recipes.recipe import Batch, Terms

Play = Callable[[Batch, int | None], Terms]
"""The generators' fakes on a batch, with the noise of a draw of the step's; None: with what comes next."""


class Turn:
    """The batches of one turn, and the fakes that the generators play on them.

    number: which of the step's turns it is; each has noise of its own.
    share_fakes: both players are charged for one and the same forward pass. With accumulated gradients that would keep
    every batch's graph alive, so the second player's turn plays again with the same noise, or, where the generators
    have stepped in between, takes the fakes of before.
    """

    def __init__(self, play: Play, number: int, drawn: list[Batch], share_fakes: bool) -> None:
        self.drawn = drawn
        self._play = play
        self._number = number
        self._detached: dict[int, Terms] = {}
        self._shared = [self._fakes(index) for index in range(len(drawn))] if share_fakes else None

    def plays(self, for_generators: bool) -> Iterator[tuple[Batch, Terms]]:
        """Each batch with its fakes, attached to the generators only for them."""
        for index, batch in enumerate(self.drawn):
            if self._shared:
                yield batch, self._shared[index]
            elif for_generators:
                fakes = self._fakes(index)
                self._detached[index] = {name: fake.detach() for name, fake in fakes.items()}
                yield batch, fakes
            elif index in self._detached:
                yield batch, self._detached[index]
            else:
                with torch.no_grad():
                    fakes = self._fakes(index)
                yield batch, fakes

    def _fakes(self, index: int) -> Terms:
        alone = len(self.drawn) == 1
        return self._play(self.drawn[index], None if alone else 1 + self._number * len(self.drawn) + index)
