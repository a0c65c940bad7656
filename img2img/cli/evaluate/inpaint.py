"""`img2img evaluate inpaint`: figures of filled pictures, of a model or of a baseline, against true ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from img2img.config.base import Refusal
from img2img.config.evaluate import Completed, EvaluateInpaintConfig, HoleMeasures

from .passes import measure_each, require_all
from .tables import left_out_of, lpips_networks, note, print_figures

if TYPE_CHECKING:
    import torch

    from img2img.apply.measure.inpainting import Fill, HoleOf
    from img2img.metrics import LPIPS
    from img2img.metrics.hole_sets import HoleSets, NoSets
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.matching import Match
    from img2img.metrics.picture_figures import Figures

HEADINGS = {
    "hole": ("hole", 2),
    "hole_psnr": ("PSNR in it", 2),
    "hole_l1": ("L1, % in it", 2),
    "hole_ssim": ("SSIM in it", 3),
    "hole_lpips_alex": ("LPIPS alex in it", 3),
    "hole_lpips_vgg": ("LPIPS vgg in it", 3),
    "psnr": ("PSNR of all", 2),
    "l1": ("L1, % of all", 2),
    "ssim": ("SSIM of all", 3),
    "lpips_alex": ("LPIPS alex of all", 3),
    "lpips_vgg": ("LPIPS vgg of all", 3),
    "fid": ("FID", 2),
    "fid_5k": ("FID-5K", 2),
    "kid": ("KID", 5),
    "kid_deviation": ("of one block ±", 5),
}
"""Figure -> heading and decimals."""


def evaluate_inpaint(config: EvaluateInpaintConfig) -> None:
    """`img2img evaluate inpaint`: filled pictures, a model or a baseline, against true pictures."""
    from img2img.apply.measure.inpainting import open_fill
    from img2img.machine import choose_device
    from img2img.metrics.hole_figures import HoleProtocol, by_hole_size
    from img2img.metrics.matching import match, require_sizes

    asked, measures = config.pictures, config.measures
    reference = _reference(asked)
    device = choose_device(measures.device)
    fill = None if asked.images else open_fill(asked.model, asked.method, device)
    matches, extra = match(reference, asked.images, "--images")
    require_sizes(matches, multiple_of=1, factor=1)
    if extra:
        note(f"left out, as no reference has their names: {', '.join(sorted(extra))}")
    holes, phrase = _holes(config, matches)
    networks = lpips_networks(measures, device)
    sets = _sets(measures, len(matches), device)
    pictures = (
        (pair.name, partial(_figures, pair, hole_of, fill, networks, sets))
        for pair, hole_of in zip(matches, holes, strict=True)
    )
    rows = measure_each(pictures, len(matches), HEADINGS, "hole_psnr", "dB in the hole")
    as_a_set, how = sets.compared(asked.seed)
    protocol = HoleProtocol(phrase, tuple(networks), how)
    left_out = left_out_of(reference, asked.images, asked.mask)
    print_figures(rows, by_hole_size(list(rows.values())), protocol, measures, HEADINGS, as_a_set, left_out)
    require_all(rows, len(matches))


def _reference(asked: Completed) -> Path:
    """The folder of references, after a look at what goes with it."""
    if asked.reference is None:
        raise Refusal("name the folder of true pictures with --reference DIR")
    if (asked.images is None) == (asked.model is None and asked.method is None):
        raise Refusal("say what is to be measured by one of --images DIR, --model NAME and --method NAME")
    if asked.images is not None and asked.mask is None:
        raise Refusal("--images wants the masks of what was filled: --mask FILE or DIR")
    return asked.reference


def _holes(config: EvaluateInpaintConfig, matches: list[Match]) -> tuple[Iterator[HoleOf], str]:
    """The hole of each picture, and what they are, in a phrase."""
    from img2img.apply.measure.inpainting import drawn_holes, read_holes
    from img2img.metrics.matching import match

    asked, options = config.pictures, config.masks
    assert asked.reference is not None
    if asked.mask is None:
        drawn = drawn_holes(options, asked.seed, [pair.reference for pair in matches])
        return drawn, f"drawn with seed {asked.seed}: {options.in_words()}"
    phrase = f"{asked.mask}, {options.hole} = hole"
    if not asked.mask.is_dir():
        return read_holes([asked.mask] * len(matches), options), phrase
    marked, _ = match(asked.reference, asked.mask, "--mask")
    return read_holes([pair.other for pair in marked if pair.other], options), phrase


def _sets(measures: HoleMeasures, count: int, device: torch.device) -> HoleSets | NoSets:
    """What gathers all pictures for FID and KID, if anything does. Raises Refusal where --fid asks in vain."""
    from img2img.metrics.hole_sets import USUAL, HoleSets, NoSets
    from img2img.metrics.sets.figures import bias_note, require_enough
    from img2img.metrics.sets.inception import WEIGHTS_VARIABLE, load_inception, named_weights

    if measures.fid is False:
        return NoSets("--no-fid")
    if measures.fid is None and named_weights(measures.inception) is None:
        return NoSets(f"neither --inception nor ${WEIGHTS_VARIABLE} names Inception's weights")
    if measures.fid is None and count < USUAL:
        return NoSets(f"{count} pictures, and under {USUAL} only --fid measures it")
    require_enough(count)
    sets = HoleSets(load_inception(measures.inception, measures.resize, device), measures.batch_size)
    if beware := bias_note(count, count):
        note(beware)
    return sets


def _figures(
    pair: Match, hole_of: HoleOf, fill: Fill | None, networks: dict[Backbone, LPIPS], sets: HoleSets | NoSets
) -> Figures:
    """Of one picture, which goes into the sets, too.

    Raises ImageError, NotFiniteError, Refusal where it cannot be read or filled.
    """
    import torch

    from img2img.images import Photo, read_training_image, to_pixels
    from img2img.images.samples import to_planes
    from img2img.metrics.hole_figures import compare_hole

    samples = read_training_image(pair.reference, 3)
    truth = Photo(to_planes(samples), bits=8 if samples.itemsize == 1 else 16)
    hole = hole_of(truth)
    if fill:
        result = fill(truth, hole)
    else:
        assert pair.other is not None
        result = to_pixels(read_training_image(pair.other, 3))
    figures = compare_hole(result, to_pixels(samples), torch.from_numpy(hole)[None], networks)
    sets.add(result, to_pixels(samples))
    return figures
