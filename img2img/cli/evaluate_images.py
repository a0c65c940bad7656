"""`img2img evaluate images`: how like the pictures of a reference those of another folder are, as sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from img2img.config.base import Refusal
from img2img.config.evaluate import EvaluateImagesConfig, SetMeasures
from img2img.config.toml import Overrides, read_toml, resolve

from .columns import Comparison, print_columns
from .errors import SOME_FAILED, fail, refusals
from .figures import lpips_networks, note
from .set_pass import seen, seen_before

if TYPE_CHECKING:
    from img2img.metrics import LPIPS
    from img2img.metrics.folder_pictures import Folder
    from img2img.metrics.inception import Inception
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.picture_sets import PictureSet
    from img2img.metrics.set_figures import Figures, SetProtocol

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


def evaluate_images(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    """`img2img evaluate images`: two folders as sets, by features, patches and perceptual distance."""
    with refusals():
        from img2img.metrics.folder_pictures import open_folder, require_same_classes
        from img2img.metrics.inception import load_inception
        from img2img.metrics.set_figures import bias_note, transfer_figures
        from img2img.networks.devices import choose_device

        layers = [read_toml(config_file, EvaluateImagesConfig)] if config_file else []
        config = resolve(EvaluateImagesConfig, *layers, overrides)
        asked, measures = config.pictures, config.measures
        images = open_folder(asked.images, "IMAGES", asked.count, measures.seed)
        reference = open_folder(asked.reference, "REFERENCE", asked.count, measures.seed)
        if measures.classes:
            require_same_classes(images, reference)
        device = choose_device(measures.device)
        networks = lpips_networks(measures, device)
        inception = load_inception(measures.inception, measures.resize, device)
        scored = _scored(measures, inception)
        failed: list[Path] = []
        made = seen(images, inception, measures, failed)
        true = seen_before(reference, inception, measures, failed)
        if beware := bias_note(len(made), len(true)):
            note(beware)
        figures, more = _figures(made, true, scored, measures)
        good, good_reference = images.without(failed), reference.without(failed)
        if measures.classes:
            figures |= transfer_figures(made, good.classes(), true, good_reference.classes())
        figures |= _diversities({"": good, "_reference": good_reference}, networks, measures)
        protocol = _protocol(figures, made, true, inception, measures)
        name = f"{images.root} against {reference.root}"
        print_columns([Comparison(name, figures, protocol, more)], HEADINGS, measures.as_json)
    if failed:
        fail(f"{len(failed)} of {len(images.files) + len(reference.files)} pictures failed", SOME_FAILED)


def _scored(measures: SetMeasures, inception: Inception) -> bool:
    """Whether there is an Inception score. Raises Refusal where it is asked of weights that do not classify."""
    if measures.inception_score and not inception.classifies:
        raise Refusal("--inception-score needs weights with the class layer, and these have none (fc.weight is all 0)")
    return inception.classifies and measures.inception_score is not False


def _figures(
    made: PictureSet, true: PictureSet, scored: bool, measures: SetMeasures
) -> tuple[Figures, dict[str, object]]:
    """What is asked for, without diversity; and the PRD curve, for JSON."""
    from img2img.metrics.set_figures import feature_figures, neighbour_figures, prd_figures, score_figures, swd_figures

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


def _diversities(folders: Mapping[str, Folder], networks: Mapping[Backbone, LPIPS], measures: SetMeasures) -> Figures:
    """Of each folder, {how its figures end: folder}, for each perceptual distance."""
    from img2img.metrics.diversity import diversity, random_pairs
    from img2img.metrics.folder_pictures import Squares

    figures: Figures = {}
    for name, network in networks.items():
        for end, folder in folders.items():
            pairs = random_pairs(len(folder.files), measures.pairs, measures.seed)
            figures[f"diversity_{name}{end}"] = diversity(Squares(folder.files, measures.pair_size), pairs, network)
    return figures


def _protocol(
    figures: Figures, made: PictureSet, true: PictureSet, inception: Inception, measures: SetMeasures
) -> SetProtocol:
    from img2img.metrics.set_figures import SetProtocol

    chosen = tuple(name for name, figure in _MEASURES.items() if any(found.startswith(figure) for found in figures))
    pairs = f"mean LPIPS v0.1 of up to {measures.pairs} pairs of middle squares at {measures.pair_size} px"
    return SetProtocol(len(made), len(true), inception.resize, inception.identity, measures.seed, chosen, pairs)
