"""`img2img evaluate images`: how like the pictures of a reference those of another folder are, as sets."""

from __future__ import annotations

from pathlib import Path

from img2img.config.evaluate import EvaluateImagesConfig
from img2img.config.toml import Overrides, read_toml, resolve

from .columns import Comparison, print_columns
from .errors import SOME_FAILED, fail, refusals
from .figures import lpips_networks, note
from .set_measures import HEADINGS, diversities, figures_of, protocol_of, scores
from .set_pass import seen, seen_before


def evaluate_images(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    """`img2img evaluate images`: two folders as sets, by features, patches and perceptual distance."""
    with refusals():
        from img2img.metrics.folder_pictures import open_folder, require_same_classes
        from img2img.metrics.inception import load_inception
        from img2img.metrics.set_figures import bias_note, require_enough, transfer_figures
        from img2img.networks.devices import choose_device

        layers = [read_toml(config_file, EvaluateImagesConfig)] if config_file else []
        config = resolve(EvaluateImagesConfig, *layers, overrides)
        asked, measures = config.pictures, config.measures
        images = open_folder(asked.images, "IMAGES", asked.count, measures.seed)
        reference = open_folder(asked.reference, "REFERENCE", asked.count, measures.seed)
        require_enough(len(images.files), len(reference.files))
        if measures.classes:
            require_same_classes(images, reference)
        device = choose_device(measures.device)
        networks = lpips_networks(measures, device)
        inception = load_inception(measures.inception, measures.resize, device)
        scored = scores(measures, inception, len(images.files))
        failed: list[Path] = []
        made = seen(images, inception, measures, failed)
        true = seen_before(reference, inception, measures, failed)
        if beware := bias_note(len(made), len(true)):
            note(beware)
        figures, more = figures_of(made, true, scored, measures)
        good, good_reference = images.without(failed), reference.without(failed)
        if measures.classes:
            figures |= transfer_figures(made, good.classes(), true, good_reference.classes())
        squares = {"": good.squares(measures.pair_size), "_reference": good_reference.squares(measures.pair_size)}
        figures |= diversities(squares, networks, measures)
        protocol = protocol_of(figures, made, true, inception, measures)
        name = f"{images.root} against {reference.root}"
        print_columns([Comparison(name, figures, protocol, more)], HEADINGS, measures.as_json)
    if failed:
        fail(f"{len(failed)} of {len(images.files) + len(reference.files)} pictures failed", SOME_FAILED)
