"""Masks for inpainting, drawn on the device: which part of each picture is to be a hole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import torch
from rich.console import RenderableType
from torch import Tensor

from img2img.config.sections.masks import HoleKind, MaskOptions
from img2img.data.augment import MASK
from img2img.data.derive import Derive
from img2img.data.folders.find import HIGH

from .areas import holes_of
from .canvas import Canvas
from .check import check_masks, mask_table
from .folder import MaskFolder
from .shapes import blobs, borders, boxes, centre
from .strokes import strokes

Shape = Callable[[Canvas, Tensor], Tensor]
"""A canvas, and shares of the area (N, 1, 1) to aim at -> a field."""


class Masks(Derive):
    """A batch from `Augment` -> the same with its masks. Random through torch's global state alone.

    Each picture has a hole of one of `options.masks`, drawn by their weights. Boxes and strokes have sizes of their
    own, the other shapes aim at a share of the picture that is drawn evenly from the range; what is outside of the
    range all the same grows or shrinks to it. Holes from files are as they are.

    size: side of the pictures that the data check measures masks for, px.
    Raises Refusal for options that do not go together, DataError for a folder that is not there or empty.
    """

    def __init__(self, options: MaskOptions, size: int) -> None:
        super().__init__()
        self.options, self.size = options, size
        self.entries = options.entries()
        folder = options.mask_folder
        self.folder = MaskFolder(folder, options.hole, options.mask_channel) if folder else None
        self.shapes = _shapes(options)

    @torch.no_grad()
    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Add the side "mask" to a batch.

        batch: {"high": (N, C, H, W)}; other sides are handed on.
        Returns: {"high", "mask": (N, 1, H, W)} with float32 0 and 1, 1 = hole.
        """
        count, _, height, width = batch[HIGH].shape
        return {**batch, MASK: self.draw(Canvas(count, height, width, batch[HIGH].device))}

    def draw(self, canvas: Canvas) -> Tensor:
        """Masks (N, 1, H, W), float32, 1 = hole."""
        weights = torch.tensor(list(self.entries.values()))
        chosen = torch.multinomial(weights, canvas.count, replacement=True)  # on the CPU: no device is waited for
        places = [(chosen == number).nonzero().flatten() for number in range(len(self.entries))]
        there = [
            (kinds, canvas.of(len(found))) for kinds, found in zip(self.entries, places, strict=True) if len(found)
        ]
        order = torch.cat(places).argsort().to(canvas.device, non_blocking=True)
        return self._all_holes(there).index_select(0, order)[:, None].float()

    def holes(self, kinds: tuple[HoleKind, ...], canvas: Canvas) -> Tensor:
        """Holes that these kinds make up together: (N, H, W), booleans."""
        return self._all_holes([(kinds, canvas)])

    def _all_holes(self, wanted: Sequence[tuple[tuple[HoleKind, ...], Canvas]]) -> Tensor:
        """Holes (N, H, W), booleans, of several kinds one after another; levelled together, which costs a GPU no more
        than one of them alone."""
        least, most = self.range()
        fields: list[Tensor] = []
        files: list[Tensor | None] = []
        for kinds, canvas in wanted:
            drawn = [self.shapes[kind](canvas, canvas.uniform(least, most)) for kind in kinds if kind != "folder"]
            fields += [torch.stack(drawn).amin(0)] if drawn else []
            files.append(self._of_files(canvas) if "folder" in kinds else None)
        sizes = [len(field) for field in fields]
        found = iter(holes_of(torch.cat(fields), least, most).split(sizes) if fields else ())
        parts = []
        for (kinds, _), of_files in zip(wanted, files, strict=True):
            hole = of_files if kinds == ("folder",) else next(found)
            assert hole is not None
            parts.append(hole if of_files is None else hole | of_files)
        return torch.cat(parts)

    def _of_files(self, canvas: Canvas) -> Tensor:
        assert self.folder is not None
        return self.folder(canvas)

    def range(self) -> tuple[float, float]:
        """The least and the largest share of a picture that a hole covers, at this point of the run."""
        least, most, grow = self.options.smallest_hole, self.options.largest_hole, self.options.grow
        return least, most if self.progress >= grow else least + (most - least) * self.progress / grow

    def phrase(self) -> str:
        """Which holes, and how they are told."""
        return self.options.in_words()

    def check(self) -> RenderableType:
        """A table of the shares that the holes cover, by kind; a line for each file of the folder that is odd."""
        return mask_table(check_masks(self.entries, self.holes, self.folder, self.size))


def drawn_one_by_one(masks: Masks, sizes: Iterable[tuple[int, int]], seed: int) -> Iterator[Tensor]:
    """A mask (1, 1, H, W) for each (height, width), px: the same for a seed however many there are, on every machine.

    The global random state is left as it was.
    """
    for number, (height, width) in enumerate(sizes):
        with torch.random.fork_rng(devices=[]):
            # Seeds of one run lie a prime apart, so that neighbouring ones share no mask.
            torch.manual_seed(seed * 1_000_003 + number)
            mask = masks.draw(Canvas(1, height, width))
        yield mask


def _shapes(options: MaskOptions) -> Mapping[HoleKind, Shape]:
    of_boxes = partial(boxes, most=options.most_boxes, smallest=options.smallest_box, largest=options.largest_box)
    of_strokes = partial(
        strokes, most=options.most_strokes, thinnest=options.thinnest_stroke, thickest=options.thickest_stroke
    )
    return {
        "centre": centre,
        "boxes": lambda canvas, share: of_boxes(canvas),
        "strokes": lambda canvas, share: of_strokes(canvas),
        "blobs": blobs,
        "borders": borders,
    }
