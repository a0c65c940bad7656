"""The replay pool: the critic also sees fakes of earlier generators (arXiv:1612.07828, section 2.3)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class ReplayPool(nn.Module):
    """Keeps `size` fakes; half of those that come are swapped for kept ones once it is full.

    A fake is kept together with the picture it was made from, since a conditional critic judges the two as one. Where
    fakes come in another size, as in the next phase of a coarse-to-fine training, those of before are let go.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.kept: list[tuple[Tensor, Tensor | None]] = []

    def forward(self, fake: Tensor, given: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """(N, ...) fakes and their conditions -> as many, some of them older."""
        return self._swapped(fake, given) if self.size else (fake, given)

    @torch.compiler.disable  # the host decides
    def _swapped(self, fake: Tensor, given: Tensor | None) -> tuple[Tensor, Tensor | None]:
        fake = fake.detach()
        if self.kept and self.kept[0][0].shape != fake.shape[1:]:
            self.kept.clear()
        shown = [self._swap(image, None if given is None else given[index]) for index, image in enumerate(fake)]
        images = torch.stack([image for image, _ in shown])
        return images, None if given is None else torch.stack([g for _, g in shown if g is not None])

    def _swap(self, image: Tensor, given: Tensor | None) -> tuple[Tensor, Tensor | None]:
        arriving = (image.clone(), None if given is None else given.clone())
        if len(self.kept) < self.size:
            self.kept.append(arriving)
            return arriving
        if torch.rand(()) < 0.5:
            return arriving
        place = int(torch.randint(self.size, ()))
        leaving, self.kept[place] = self.kept[place], arriving
        return leaving

    def local_state(self) -> dict[str, Any]:
        """The kept pictures, for the checkpoint. No part of the state_dict: every rank has its own."""
        return {"images": [image for image, _ in self.kept], "given": [given for _, given in self.kept]}

    def load_local_state(self, state: dict[str, Any]) -> None:
        """Puts back what local_state gave. Raises ValueError, TypeError or KeyError for anything else."""
        images, given = state["images"], state["given"]
        if not _alike(images) or not (_alike(given) or all(one is None for one in given)):
            raise ValueError("a replay pool holds pictures of one shape, and what each was made from or nothing")
        self.kept = list(zip(images, given, strict=True))


def _alike(pictures: list[Any]) -> bool:
    return all(isinstance(one, Tensor) and one.shape == pictures[0].shape for one in pictures)
