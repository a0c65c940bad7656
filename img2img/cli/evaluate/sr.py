"""`img2img evaluate sr`: figures of enlarged pictures, or of a model, against true ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from img2img.config.base import Refusal
from img2img.config.evaluate import Compared, EvaluateSrConfig

from .passes import measure_each, require_all
from .tables import left_out_of, lpips_networks, note, print_figures

if TYPE_CHECKING:
    from img2img.apply.measure.upscaling import Enlarger
    from img2img.metrics import LPIPS
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.matching import Match
    from img2img.metrics.picture_figures import Figures

HEADINGS = {
    "psnr_y": ("PSNR-Y, dB", 2),
    "ssim_y": ("SSIM-Y", 4),
    "psnr_rgb": ("PSNR-RGB, dB", 2),
    "ssim_rgb": ("SSIM-RGB", 4),
    "grid": ("grid, dB", 1),
    "lpips_alex": ("LPIPS-alex", 3),
    "lpips_vgg": ("LPIPS-vgg", 3),
}
"""Figure -> heading and decimals."""


def evaluate_sr(config: EvaluateSrConfig) -> None:
    """`img2img evaluate sr`: results, or a model, against true pictures in high resolution."""
    from img2img.apply.measure.upscaling import open_enlarger
    from img2img.machine import choose_device
    from img2img.metrics.matching import match, require_sizes
    from img2img.metrics.picture_figures import Protocol
    from img2img.weights.blend import Mixture

    asked, measures = config.pictures, config.measures
    reference = _reference(asked)
    device = choose_device(measures.device)
    mixture = Mixture(asked.blend, asked.strength)
    model = open_enlarger(asked.model, asked.scale, device, mixture) if asked.model else None
    scale = model.scale if model else asked.scale or 4
    other, option = (asked.low, "--low") if model else (asked.images, "--images")
    matches, extra = match(reference, other, option)
    require_sizes(matches, multiple_of=scale, factor=scale if model else 1)
    if extra:
        note(f"left out, as no reference has their names: {', '.join(sorted(extra))}")
    border = scale if measures.border is None else measures.border
    networks = lpips_networks(measures, device)
    low = ("as given" if asked.low else "MATLAB's bicubic") if model else ""
    protocol = Protocol(scale, border, tuple(networks), low)
    pictures = [(pair.name, partial(_figures, pair, model, scale, border, networks)) for pair in matches]
    rows = measure_each(pictures, len(matches), HEADINGS, "psnr_y", "dB")
    left_out = left_out_of(reference, other)
    print_figures(rows, {"mean": list(rows.values())}, protocol, measures, HEADINGS, left_out=left_out)
    require_all(rows, len(matches))


def _reference(asked: Compared) -> Path:
    """The folder of references, after a look at what goes with it."""
    if asked.reference is None:
        raise Refusal("name the folder of true pictures with --reference DIR")
    if (asked.images is None) == (asked.model is None):
        raise Refusal("say what is to be measured by one of --images DIR and --model NAME")
    if asked.low is not None and asked.model is None:
        raise Refusal(f"--low {asked.low} goes with --model, which enlarges what lies there")
    if asked.model is None and (asked.strength is not None or asked.blend is not None):
        raise Refusal("--strength and --blend go with --model, whose weights they blend")
    return asked.reference


def _figures(pair: Match, model: Enlarger | None, scale: int, border: int, networks: dict[Backbone, LPIPS]) -> Figures:
    """Of one picture. Raises ImageError, NotFiniteError, Refusal where it cannot be read or enlarged."""
    from img2img.images import read_training_image, to_pixels
    from img2img.metrics.picture_figures import compare

    truth = to_pixels(read_training_image(pair.reference, 3))
    other = to_pixels(read_training_image(pair.other, 3)) if pair.other else None
    if model:
        truth = model.cut(truth)
        result = model.enlarge(model.shrunk(truth) if other is None else other)
    else:
        assert other is not None
        result, truth = other, truth[:, : other.shape[1], : other.shape[2]]
    return compare(result, truth, border, networks, scale)
