"""`img2img evaluate images`: how like the pictures of a reference those of another folder are, as sets."""

from __future__ import annotations

from img2img.config.evaluate import EvaluateImagesConfig

from .set_comparison import FailedPlaces, compare_sets, open_instruments
from .set_measures import HEADINGS
from .tables import left_out_of, print_columns


def evaluate_images(config: EvaluateImagesConfig) -> None:
    """`img2img evaluate images`: two folders as sets, by features, patches and perceptual distance."""
    from img2img.machine import choose_device
    from img2img.metrics.sets.figures import require_enough
    from img2img.metrics.sets.folder import open_folder
    from img2img.metrics.sets.pictures import require_same_classes

    asked, measures = config.pictures, config.measures
    images = open_folder(asked.images, "IMAGES", asked.count, measures.seed)
    reference = open_folder(asked.reference, "REFERENCE", asked.count, measures.seed)
    require_enough(len(images), len(reference))
    if measures.classes:
        require_same_classes(images, reference)
    instruments = open_instruments(measures, len(images), choose_device(measures.device))
    failed = FailedPlaces()
    comparison = compare_sets(images, reference, instruments, measures, measures.classes, failed)
    print_columns([comparison], HEADINGS, measures.as_json, left_out_of(asked.images, asked.reference))
    failed.require_none(of=len(images) + len(reference))
