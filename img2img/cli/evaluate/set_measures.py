"""The measures of sets as commands tell them: which are asked for, their headings, their protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from img2img.config.base import Refusal
from img2img.config.evaluate import SetMeasures

if TYPE_CHECKING:
    from torch import Tensor

    from img2img.metrics import LPIPS
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.picture_figures import Figures
    from img2img.metrics.sets.features import PictureSet
    from img2img.metrics.sets.figures import SetProtocol
    from img2img.metrics.sets.inception import Inception

HEADINGS = {
    "fid": ("FID", 2),
    "fid_5k": ("FID-5K", 2),
    "kid": ("KID", 5),
    "kid_deviation": ("  of one block ±", 5),
    "inception_score": ("IS", 2),
    "inception_score_deviation": ("  of one part ±", 2),
    "precision": ("precision", 3),
    "recall": ("recall", 3),
    "f1_8": ("PRD F1/8, precision", 3),
    "f8": ("PRD F8, recall", 3),
    "swd_16": ("SWD x1000, 16 px", 2),
    "swd_32": ("SWD x1000, 32 px", 2),
    "gan_train": ("GAN-train, %", 1),
    "gan_test": ("GAN-test, %", 1),
    "path_length": ("perceptual path length", 2),
    "diversity_alex": ("diversity, LPIPS-alex", 3),
    "diversity_alex_reference": ("  of the reference", 3),
    "diversity_vgg": ("diversity, LPIPS-vgg", 3),
    "diversity_vgg_reference": ("  of the reference", 3),
}
"""Figure -> heading and decimals."""

_MEASURES = {
    "inception_score": "inception_score",
    "precision_recall": "precision",
    "prd": "f8",
    "swd": "swd",
    "classes": "gan_train",
    "diversity": "diversity",
}
"""Measure, as the protocol calls it -> how its figures begin."""

_CURVE_STEP = 10  # of the 1,001 points of the PRD curve, JSON has every tenth


def has_inception_score(measures: SetMeasures, inception: Inception, count: int) -> bool:
    """Whether there is an Inception score of `count` pictures. Raises Refusal where it is asked for in vain."""
    from img2img.metrics.sets.inception_score import SPLITS

    if measures.inception_score and not inception.classifies:
        raise Refusal("--inception-score needs weights with the class layer, and these have none (fc.weight is all 0)")
    if measures.inception_score and count < SPLITS:
        raise Refusal(f"--inception-score needs {SPLITS} pictures or more, and these are {count}")
    return inception.classifies and count >= SPLITS and measures.inception_score is not False


def figures_of(
    made: PictureSet, true: PictureSet, scored: bool, measures: SetMeasures
) -> tuple[Figures, dict[str, object]]:
    """What is asked for, without diversity; and the PRD curve, for JSON."""
    from img2img.metrics.sets.figures import feature_figures, neighbour_figures, prd_figures, score_figures, swd_figures

    more: dict[str, object] = {}
    figures = feature_figures(made, true, measures.seed)
    if scored:
        figures |= score_figures(made, measures.seed)
    if measures.precision_recall:
        figures |= neighbour_figures(made, true)
    if measures.prd:
        weighed, curve = prd_figures(made, true, measures.seed)
        figures |= weighed
        points = {"precision": curve.precision, "recall": curve.recall}
        more["prd_curve"] = {name: values[::_CURVE_STEP].tolist() for name, values in points.items()}
    if measures.swd:
        figures |= swd_figures(made, true, measures.seed)
    return figures, more


def diversities(
    sets: Mapping[str, Sequence[Tensor]], networks: Mapping[Backbone, LPIPS], measures: SetMeasures
) -> Figures:
    """Of each set, {how its figures end: pictures (3, S, S) in [-1, 1]}, for each perceptual distance."""
    from img2img.metrics.sets.diversity import diversity, random_pairs

    figures: Figures = {}
    for name, network in networks.items():
        for end, pictures in sets.items():
            pairs = random_pairs(len(pictures), measures.pairs, measures.seed)
            figures[f"diversity_{name}{end}"] = diversity(pictures, pairs, network)
    return figures


def protocol_of(
    figures: Figures, made: PictureSet, true: PictureSet, inception: Inception, measures: SetMeasures
) -> SetProtocol:
    """What these figures of two sets were measured by."""
    from img2img.metrics.sets.figures import SetProtocol

    chosen = tuple(name for name, figure in _MEASURES.items() if any(found.startswith(figure) for found in figures))
    pairs = f"mean LPIPS v0.1 of up to {measures.pairs} pairs of middle squares at {measures.pair_size} px"
    return SetProtocol(len(made), len(true), inception.resize, inception.identity, measures.seed, chosen, pairs)
