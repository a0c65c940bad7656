"""`img2img evaluate gan`: how like true pictures those are that a generator draws, as sets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from img2img.config.base import Refusal
from img2img.config.evaluate import EvaluateGanConfig, GanMeasures, Generated

from .set_comparison import FailedPlaces, compare_sets, open_instruments
from .set_measures import HEADINGS
from .tables import left_out_of, print_columns

if TYPE_CHECKING:
    from img2img.metrics.sets.pictures import Pictures, Reference

MOST = 10_000
"""Samples that are drawn where nobody says how many."""


def evaluate_gan(config: EvaluateGanConfig) -> None:
    """`img2img evaluate gan`: the samples of a generator against a folder, or the test half of a standard set."""
    from img2img.apply.measure.samples import first_samples, path_length
    from img2img.apply.sample.sampler import open_sampler
    from img2img.machine import choose_device
    from img2img.metrics import load_lpips
    from img2img.metrics.sets.figures import GanProtocol, require_enough
    from img2img.metrics.sets.path_length import in_words

    asked, measures = config.pictures, config.measures
    if asked.model is None:
        raise Refusal("say what draws with --model FILE or --model RUN")
    device = choose_device(measures.device)
    sampler = open_sampler(asked.model, device, asked.truncation)
    reference = _reference(asked, measures.seed)
    images = first_samples(sampler, asked.count or min(len(reference), MOST), measures.seed)
    require_enough(len(images), len(reference))
    classes = _measures_classes(images, reference, measures)
    vgg = load_lpips("vgg", measures.lpips_weights).to(device) if measures.path_length else None
    instruments = open_instruments(measures, len(images), device)
    failed = FailedPlaces()
    comparison = compare_sets(images, reference, instruments, measures, classes, failed)
    figures, paths = comparison.figures, ""
    if vgg:
        figures = figures | {"path_length": path_length(sampler, measures.path_length, measures.seed, vgg)}
        paths = in_words(measures.path_length)
    drawn = f"samples {measures.seed} to {measures.seed + len(images) - 1}"
    drawn += f", {len(sampler.classes)} classes in turn" if sampler.classes else ""
    drawn += "" if asked.truncation is None else f", truncation {asked.truncation:g}"
    protocol = GanProtocol(**vars(comparison.protocol), drawn=drawn, paths=paths)
    told = [replace(comparison, figures=figures, protocol=protocol)]
    print_columns(told, HEADINGS, measures.as_json, left_out_of(asked.reference))
    failed.require_none(of=len(images) + len(reference))


def _reference(asked: Generated, seed: int) -> Reference:
    """The true pictures. Raises Refusal where neither or both ways name them, DataError, ImageError."""
    from img2img.data.standard import read_half
    from img2img.metrics.sets.folder import open_folder
    from img2img.metrics.sets.in_memory import PicturesInMemory

    if asked.dataset is None and asked.reference is None:
        raise Refusal("name the true pictures by --reference DIR or by --dataset NAME")
    if asked.dataset is None:
        return open_folder(asked.reference, "--reference", asked.reference_count, seed)
    if asked.reference is not None:
        raise Refusal(f"give either --reference {asked.reference} or --dataset {asked.dataset}, not both")
    half = read_half(asked.dataset, asked.root, train=False)
    held = PicturesInMemory(f"{asked.dataset}, test half", half.pictures, half.labels, half.classes)
    return held.drawn(asked.reference_count, seed)


def _measures_classes(images: Pictures, reference: Pictures, measures: GanMeasures) -> bool:
    """Whether classes are measured: as asked, else where both sets have the same. Raises Refusal if asked in vain."""
    from img2img.metrics.sets.pictures import require_same_classes

    if measures.classes is False:
        return False
    try:
        require_same_classes(images, reference)
    except Refusal:
        if measures.classes:
            raise
        return False
    return True
