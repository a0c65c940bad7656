"""Pictures against a reference, as sets, in every measure that is asked for: whatever commands have of the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from img2img.cli.errors import SOME_FAILED, fail

from .passes import cached_features_of, features_of
from .set_measures import diversities, figures_of, has_inception_score, protocol_of
from .tables import Comparison, lpips_networks, note

if TYPE_CHECKING:
    import torch

    from img2img.config.evaluate import SetMeasures
    from img2img.metrics import LPIPS
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.sets.inception import Inception
    from img2img.metrics.sets.pictures import Pictures, Reference


@dataclass(frozen=True)
class Instruments:
    """The networks that measure. scored: whether there is an Inception score."""

    networks: dict[Backbone, LPIPS]
    inception: Inception
    scored: bool


@dataclass(frozen=True)
class FailedPlaces:
    """Places of the pictures that could not be read, of each set."""

    images: list[int] = field(default_factory=list)
    reference: list[int] = field(default_factory=list)

    def require_none(self, of: int) -> None:
        """Exit with 1, saying so, where there are any."""
        if count := len(self.images) + len(self.reference):
            fail(f"{count} of {of} pictures failed", SOME_FAILED)


def open_instruments(measures: SetMeasures, count: int, device: torch.device) -> Instruments:
    """What so many pictures are measured by. Raises Refusal in one line for what cannot be had."""
    from img2img.metrics.sets.inception import load_inception

    networks = lpips_networks(measures, device)
    inception = load_inception(measures.inception, measures.resize, device)
    return Instruments(networks, inception, has_inception_score(measures, inception, count))


def compare_sets(
    images: Pictures, reference: Reference, by: Instruments, measures: SetMeasures, classes: bool, failed: FailedPlaces
) -> Comparison:
    """All figures of the two, those at the `failed` places left out. classes: GAN-train and GAN-test, too."""
    from img2img.metrics.sets.figures import bias_note, transfer_figures
    from img2img.metrics.sets.pictures import Squares

    made = features_of(images, by.inception, measures, failed.images)
    true = cached_features_of(reference, by.inception, measures, failed.reference)
    if beware := bias_note(len(made), len(true)):
        note(beware)
    figures, more = figures_of(made, true, by.scored, measures)
    images, reference = images.without(failed.images), reference.without(failed.reference)
    if classes:
        figures |= transfer_figures(made, images.classes(), true, reference.classes())
    squares = {"": Squares(images, measures.pair_size), "_reference": Squares(reference, measures.pair_size)}
    figures |= diversities(squares, by.networks, measures)
    protocol = protocol_of(figures, made, true, by.inception, measures)
    return Comparison(f"{images.name} against {reference.name}", figures, protocol, more)
