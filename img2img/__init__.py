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
    """A model as a function on pictures: a path, a Pillow image, a numpy array or a torch tensor, given back alike;
    a generator from noise as a function that draws them.

    model: a name of `img2img weights list`, a weights file, a run's folder, to upscale other people's weights too
    (.pth, .safetensors); None: the shipped weights for the size, or to inpaint. task: None is what the weights are for.
    to: the domain to translate to, where a file has several. scale: how many times as large, 2.5 for example; width,
    height, fit: the result's instead, px, the aspect kept, fit as "4096x4096"; none of them: what the weights do.
    strength, blend: how much of what the weights invent comes through, and the weights that it is blended with, None
    for the shipped psnr model. method, hole, mask_channel, threshold: what fills holes, and how masks are read.
    device: auto, cpu, mps, cuda, … precision, tile: as the command's options. See
    `img2img.apply.converter.Converter` for the shapes and ranges that it takes, and
    `img2img.apply.sample.sampler.Sampler`.
    Raises ValueError in one line where there are no such weights, or they do not do that.
    """
    from img2img.apply.converter import open_converter
    from img2img.apply.engine.sizing import Sizing
    from img2img.apply.inpaint.masking import Masking
    from img2img.weights.blend import Mixture

    return open_converter(
        model,
        task,
        to=to,
        sizing=Sizing.parse(scale, width, height, fit),
        mixture=Mixture(None if blend is None else str(blend), strength),
        method=method,
        masking=Masking(hole, mask_channel, threshold),
        device=device,
        precision=precision,
        tile=tile,
    )


def train(recipe: str, *, preset: str | None = None, config: str | Path | None = None, **options: Any) -> Path:
    """What `img2img train RECIPE` does, by the same options, a hyphen an underscore: img2img.train("pix2pix",
    pairs="facades", steps=2000). `__init__.pyi` has them with their types.

    recipe: pix2pix, cyclegan, srgan, inpaint, gan, vae, vae-gan, bigan. preset, config: as --preset and --config.
    Returns the run's folder, which `load` takes. What the run says goes to stderr, in plain lines where that is no
    terminal. Raises img2img.config.errors.UserError in one line for options, data and checkpoints that do not do.
    """
    from img2img.training.call import train_by_options

    return train_by_options(recipe, options, preset, config)
