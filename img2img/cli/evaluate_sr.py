"""`img2img evaluate sr`: figures of enlarged pictures, or of a model, against true ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from img2img.config.base import Refusal
from img2img.config.evaluate import Compared, EvaluateSrConfig
from img2img.config.toml import Overrides, read_toml, resolve

from .errors import SOME_FAILED, fail, refusals
from .figures import cell, lpips_networks, note, print_figures

if TYPE_CHECKING:
    from img2img.apply.measured import Measured
    from img2img.metrics import LPIPS
    from img2img.metrics.comparison import Figures, Protocol
    from img2img.metrics.lpips import Backbone
    from img2img.metrics.matching import Match

HEADINGS = {
    "psnr_y": ("PSNR-Y, dB", 2),
    "ssim_y": ("SSIM-Y", 4),
    "psnr_rgb": ("PSNR-RGB, dB", 2),
    "ssim_rgb": ("SSIM-RGB", 4),
    "lpips_alex": ("LPIPS-alex", 3),
    "lpips_vgg": ("LPIPS-vgg", 3),
}
"""Figure -> heading and decimals."""


def evaluate_sr(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    """`img2img evaluate sr`: results, or a model, against true pictures in high resolution."""
    with refusals():
        from img2img.apply.measured import open_measured
        from img2img.metrics.comparison import Protocol
        from img2img.metrics.matching import match, require_sizes
        from img2img.networks.devices import choose_device

        layers = [read_toml(config_file, EvaluateSrConfig)] if config_file else []
        config = resolve(EvaluateSrConfig, *layers, overrides)
        asked, measures = config.pictures, config.measures
        reference = _reference(asked)
        device = choose_device(measures.device)
        model = open_measured(asked.model, asked.scale, device) if asked.model else None
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
        rows = _measure(matches, model, protocol, networks)
        print_figures(rows, {"mean": list(rows.values())}, protocol, measures, HEADINGS)
    if len(rows) < len(matches):
        fail(f"{len(matches) - len(rows)} of {len(matches)} pictures failed", SOME_FAILED)


def _reference(asked: Compared) -> Path:
    """The folder of references, after a look at what goes with it."""
    if asked.reference is None:
        raise Refusal("name the folder of true pictures with --reference DIR")
    if (asked.images is None) == (asked.model is None):
        raise Refusal("say what is to be measured by one of --images DIR and --model NAME")
    if asked.low is not None and asked.model is None:
        raise Refusal(f"--low {asked.low} goes with --model, which enlarges what lies there")
    return asked.reference


def _measure(
    matches: list[Match], model: Measured | None, protocol: Protocol, networks: dict[Backbone, LPIPS]
) -> dict[str, Figures]:
    """Figures by name; a picture that cannot be read or enlarged is reported on stderr and left out."""
    from img2img.images import ImageError, NotFiniteError, read_training_image, to_pixels
    from img2img.metrics.comparison import compare

    rows: dict[str, Figures] = {}
    for number, pair in enumerate(matches, 1):
        place = f"[{number}/{len(matches)}] {pair.name}"
        try:
            truth = to_pixels(read_training_image(pair.reference, 3))
            other = to_pixels(read_training_image(pair.other, 3)) if pair.other else None
            if model:
                truth = model.cut(truth)
                result = model.enlarge(model.shrunk(truth) if other is None else other)
            else:
                assert other is not None
                result, truth = other, truth[:, : other.shape[1], : other.shape[2]]
            rows[pair.name] = compare(result, truth, protocol.border, networks)
        except (ImageError, NotFiniteError, Refusal) as error:
            print(f"{place}: failed: {error}", file=sys.stderr)
            continue
        print(f"{place}: {cell(HEADINGS, 'psnr_y', rows[pair.name]['psnr_y'])} dB", file=sys.stderr)
    return rows
