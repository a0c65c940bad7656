"""Tiny networks that enlarge, with random weights, and a folder of small photos of every kind."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms
from torch import nn

from img2img.apply.engine.model import Model
from img2img.apply.models import open_upscaler
from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.upscalers import LightSRSpec
from img2img.images.metadata.carrying import Carried
from img2img.images.photo import NO_METADATA
from img2img.images.png16 import write_png16
from img2img.images.tiff import write_tiff
from img2img.networks import build
from img2img.weights.files import save
from support.drawing import draw

CPU = torch.device("cpu")


def lively(spec: LightSRSpec, seed: int = 0) -> nn.Module:
    """A network whose last convolution, which begins at zero, has random weights too."""
    torch.manual_seed(seed)
    network = build(spec)
    for name, parameter in network.named_parameters():
        if name.startswith("leave"):
            nn.init.normal_(parameter, std=0.05)
    return network


def symmetric(scale: int = 2) -> nn.Module:
    """A network that does the same to a picture and to its mirror image: so are its kernels their own."""
    network = lively(LightSRSpec(scale=scale, width=6, blocks=1))
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.startswith("leave"):  # output channel (colour, dy, dx) of the pixel shuffle: dx is mirrored, too
                squares = parameter.view(3, scale, scale, -1)
                mirrored = parameter.flip(-1).view_as(squares) if parameter.ndim == 4 else squares
                parameter.copy_(((squares + mirrored.flip(2)) / 2).reshape(parameter.shape))
            elif parameter.ndim == 4:
                parameter.copy_((parameter + parameter.flip(-1)) / 2)
    return network


def write_weights(
    path: Path, network: nn.Module | None = None, scale: int = 2, seed: int = 0, spec: LightSRSpec | None = None
) -> Path:
    """Weights to upscale with, of about a thousand numbers unless a network (LightSR, width 6, 1 block) is given."""
    spec = spec or LightSRSpec(scale=scale, width=6, blocks=1)  # type: ignore[arg-type]
    card = ModelCard(task="upscale", networks={"g": NetworkCard(spec=spec, scale=scale)})
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, {"g": network or lively(spec, seed)}, card)
    return path


def opened(path: Path, **options: object) -> Model:
    """The weights, ready."""
    return open_upscaler(str(path), None, device=CPU, **options)  # type: ignore[arg-type]


def fill_with_photos(folder: Path) -> dict[str, bool]:
    """Photos of every kind, some of them broken, some in sub-folders: {path below the folder: whether it is good}."""
    made: dict[str, bool] = {}

    def put(name: str, content: bytes, good: bool = True) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        made[name] = good

    def packed(array: np.ndarray, kind: str, mode: str | None = None, **settings: object) -> bytes:
        image = Image.fromarray(array[..., 0] if array.shape[2] == 1 else array)
        out = io.BytesIO()
        (image.convert(mode) if mode else image).save(out, kind, **settings)
        return out.getvalue()

    colour, grey = draw(1, 19, 27, 3), draw(2, 23, 17, 1)
    clear, clear_grey = draw(3, 21, 16, 4), draw(4, 15, 22, 2)
    for kind, suffix in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tif"), ("AVIF", "avif")):
        put(f"colour {kind}.{suffix}", packed(colour, kind))
        put(f"grey/{kind}.{suffix}", packed(grey, kind))
    for kind, suffix in (("PNG", "png"), ("WEBP", "webp"), ("TIFF", "tiff")):
        put(f"clear/{kind}.{suffix}", packed(clear, kind))
    put("clear/grey.png", packed(clear_grey, "PNG"))
    for kind, suffix in (("GIF", "gif"), ("BMP", "bmp"), ("PPM", "ppm")):
        put(f"read only/{kind}.{suffix}", packed(colour, kind))
    put("progressive.jpg", packed(colour, "JPEG", progressive=True))
    put("small samples.jpg", packed(colour, "JPEG", subsampling="4:2:0", quality=30))
    put("lzw.tif", packed(colour, "TIFF", compression="tiff_lzw"))
    put("lossless.webp", packed(clear, "WEBP", lossless=True))
    put("keyed.png", packed(grey, "PNG", transparency=int(grey[3, 3, 0])))
    put("palette.png", packed(colour, "PNG", "P"))
    put("bits.png", packed(grey, "PNG", "1"))
    put("cmyk.jpg", packed(colour, "JPEG", "CMYK"))
    for name, samples in (
        ("rgb", draw(5, 12, 18, 3, 16)),
        ("grey", draw(6, 14, 11, 1, 16)),
        ("rgba", draw(7, 9, 9, 4, 16)),
    ):
        png, tiff = io.BytesIO(), io.BytesIO()
        write_png16(samples, png, [])
        write_tiff(samples, tiff, Carried(None, None, NO_METADATA))
        put(f"deep/{name}.png", png.getvalue())
        put(f"deep/{name}.tif", tiff.getvalue())
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a camera"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    put("turned.jpg", packed(colour, "JPEG", exif=exif, icc_profile=profile))
    put("Größe 写真 📷.jpg", packed(colour, "JPEG"))
    put("x" * 251 + ".png", packed(colour, "PNG"))
    put("dot.png", packed(draw(8, 1, 1, 3), "PNG"))
    put("line.png", packed(draw(9, 1, 40, 3), "PNG"))
    frames = [Image.fromarray(draw(seed, 8, 8, 3)) for seed in (10, 11)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    put("moving.gif", out.getvalue())
    put("broken/empty.jpg", b"", good=False)
    put("broken/text.jpg", b"not a photo", good=False)
    put("broken/cut.jpg", packed(draw(12, 60, 60, 3), "JPEG")[:700], good=False)
    put("broken/video.avif", b"\0\0\0\x18ftypheic" + bytes(40), good=False)
    put("broken/cut.png", packed(draw(13, 60, 60, 3), "PNG")[:-300], good=False)
    return made
