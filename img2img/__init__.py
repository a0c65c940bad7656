"""Image-to-image GANs: trained, measured and applied to photographs.

import img2img

enlarge = img2img.load("photo-x4")
enlarge("photo.jpg")            # writes photo.x4.jpg
enlarge(image)                  # a Pillow image, a numpy array, a torch tensor: the same kind comes back
fill = img2img.load(task="inpaint")
fill(image, mask=hole)          # white is filled, everything else comes back as it was
run = img2img.train("gan", images="faces", steps=2000)
img2img.load(run)(16, seed=3)   # sixteen pictures drawn from noise
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # torch takes seconds to import: `import img2img` leaves it alone
    from pathlib import Path

    import torch

    from img2img.apply.converter import Converter
    from img2img.apply.sample.sampler import Sampler

__all__ = ["__version__", "load", "train"]
__version__ = "0.1.0"


def load(
    model: str | Path | None = None,
    *,
    task: Literal["translate", "upscale", "inpaint", "sample"] | None = None,
    to: str | None = None,
    seed: int = 0,
    style_of: str | Path | None = None,
    scale: float | None = None,
    width: int | None = None,
    height: int | None = None,
    fit: str | None = None,
    strength: float | None = None,
    blend: str | Path | None = None,
    method: Literal["auto", "network", "exemplar", "telea", "navier-stokes"] = "auto",
    hole: Literal["white", "black"] = "white",
    mask_channel: Literal["auto", "luma", "alpha"] = "auto",
    threshold: float | None = None,
    device: str | torch.device = "auto",
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto",
    tile: Literal["auto", "off"] | int = "auto",
) -> Converter | Sampler:
    """A model as a function. It takes a path, a Pillow image, a numpy array or a torch tensor, and returns the result
    as the same kind; a generator from noise takes a number and returns that many pictures.

    model: a name of `img2img weights list`, a weights file or a run's folder; to upscale also other people's weights
    (.pth, .safetensors). None: the shipped weights that suit the size, or that fill holes.
    task: None is the task of the weights. to: the domain to translate to, where a file has several.
    seed: number of the style that a translator is told, where it is told one; style_of: a picture whose style it takes.
    scale: how many times as large, such as 2.5. In its place width or height of the result, px, or fit, a box such as
    "4096x4096"; the aspect is kept. None of the four: the scale of the weights.
    strength: 1 is the model alone, 0 is `blend` alone, between them the weights are mixed; blend: weights of the same
    network, None for the shipped psnr model. method: what fills holes; hole, mask_channel, threshold: how masks are
    read. device: auto, cpu, mps, cuda, … precision, tile: as the command's options.

    `img2img.apply.converter.Converter` and `img2img.apply.sample.sampler.Sampler` say shapes and ranges.
    Raises ValueError in one line where there are no such weights, or they cannot do what is asked for.
    """
    from pathlib import Path

    from img2img.apply.converter import open_converter
    from img2img.apply.engine.sizing import Sizing
    from img2img.apply.inpaint.masking import Masking
    from img2img.weights.blend import Mixture

    return open_converter(
        model,
        task,
        to=to,
        seed=seed,
        style_of=None if style_of is None else Path(style_of),
        sizing=Sizing.parse(scale, width, height, fit),
        mixture=Mixture(None if blend is None else str(blend), strength),
        method=method,
        masking=Masking(hole, mask_channel, threshold),
        device=device,
        precision=precision,
        tile=tile,
    )


def train(recipe: str, *, preset: str | None = None, config: str | Path | None = None, **options: Any) -> Path:
    """Do what `img2img train RECIPE` does: img2img.train("pix2pix", pairs="facades", steps=2000).

    recipe: pix2pix, cyclegan, cut, bicyclegan, unit, munit, stargan, srgan, inpaint, gan, vae, vae-gan, bigan. preset,
    config: as --preset and --config. options: the command's, with an underscore for each hyphen (`batch_size`);
    `__init__.pyi` lists them.
    Returns the run's folder, which `load` takes. Messages go to stderr. Raises img2img.config.errors.UserError, one
    line, for options, data and checkpoints that cannot be used.
    """
    from img2img.training.call import train_by_options

    return train_by_options(recipe, options, preset, config)
