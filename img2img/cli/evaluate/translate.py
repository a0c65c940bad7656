"""`img2img evaluate translate`: how like the pictures of a domain are those that a model makes of the other's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from img2img.cli.errors import SOME_FAILED, fail
from img2img.config.base import Refusal
from img2img.config.evaluate import EvaluateTranslateConfig, FeatureMeasures

from .passes import good_ones, progress_printer
from .tables import Comparison, left_out_of, lpips_networks, note, print_columns

if TYPE_CHECKING:
    from torch import Tensor

    from img2img.apply.measure.translation import Direction, HeldOut
    from img2img.metrics import LPIPS
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.sets.figures import Figures
    from img2img.metrics.sets.inception import Inception

HEADINGS = {
    "fid": ("FID", 2),
    "fid_5k": ("FID-5K", 2),
    "kid": ("KID", 5),
    "kid_deviation": ("  of one block ±", 5),
    "lpips_alex": ("LPIPS-alex to the pair", 3),
    "lpips_vgg": ("LPIPS-vgg to the pair", 3),
    "diversity_alex": ("LPIPS-alex between variants", 3),
    "diversity_vgg": ("LPIPS-vgg between variants", 3),
    "l1": ("L1 to the pair, %", 2),
    "cycle_l1": ("cycle L1, %", 2),
}
"""Figure -> heading and decimals."""


def evaluate_translate(config: EvaluateTranslateConfig) -> None:
    """`img2img evaluate translate`: every direction that a model goes, on pictures that it was not trained on."""
    from img2img.apply.measure.translation import find_held_out, open_directions
    from img2img.machine import choose_device
    from img2img.metrics.sets.figures import bias_note, require_enough
    from img2img.metrics.sets.inception import load_inception

    asked, measures = config.pictures, config.measures
    if asked.model is None:
        raise Refusal("say what translates with --model FILE or --model RUN")
    held_out = find_held_out(asked.a, asked.b, asked.pairs)
    counts = [len(side) for side in held_out.sides.values()]
    require_enough(*counts)
    device = choose_device(measures.device)
    directions = open_directions(asked.model, device)
    styled = any(direction.variants for direction in directions)
    networks = lpips_networks(measures, device) if held_out.paired or styled else {}
    inception = load_inception(measures.inception, measures.resize, device)
    if beware := bias_note(*counts):
        note(beware)
    failed: list[object] = []
    comparisons = [
        _compare_direction(direction, directions, held_out, inception, networks, measures, failed)
        for direction in directions
    ]
    print_columns(comparisons, HEADINGS, measures.as_json, left_out_of(asked.a, asked.b, asked.pairs))
    if failed:
        fail(f"{len(failed)} of {len(directions) * sum(counts)} readings failed", SOME_FAILED)


def _compare_direction(
    direction: Direction,
    directions: Sequence[Direction],
    held_out: HeldOut,
    inception: Inception,
    networks: Mapping[Backbone, LPIPS],
    measures: FeatureMeasures,
    failed: list[object],
) -> Comparison:
    """What one direction makes against the domain that it leads to; places that fail are noted."""
    from img2img.apply.measure.translation import read_held_out, translate_and_measure
    from img2img.metrics.picture_figures import means
    from img2img.metrics.sets.features import gather
    from img2img.metrics.sets.figures import TranslationProtocol, feature_figures

    back = next((other for other in directions if other.source == direction.target), None)
    sources, targets = held_out.sides[direction.source], held_out.sides[direction.target]
    rows: list[Figures] = []

    def measured(place: int) -> tuple[Tensor, Figures]:
        return translate_and_measure(place, direction, back, held_out, networks)

    results = good_ones(range(len(sources)), measured, failed.append)
    progress = progress_printer(direction.name, len(sources))
    made = gather(_noting(results, rows), inception, measures.batch_size, progress)
    reference = progress_printer(f"reference for {direction.name}", len(targets))
    true = gather(good_ones(targets, read_held_out, failed.append), inception, measures.batch_size, reference)
    figures = feature_figures(made, true, measures.seed) | means(rows)
    protocol = TranslationProtocol(
        len(made), len(true), inception.resize, inception.identity, measures.seed,
        held_out.paired, back is not None, tuple(networks), len(direction.variants),
    )  # fmt: skip
    return Comparison(direction.name, figures, protocol)


def _noting(results: Iterator[tuple[Tensor, Figures]], rows: list[Figures]) -> Iterator[Tensor]:
    """The pictures, their figures noted in `rows` as they go by."""
    for picture, figures in results:
        rows.append(figures)
        yield picture
