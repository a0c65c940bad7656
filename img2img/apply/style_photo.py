"""The style of a given picture, as the encoder beside a translator reads it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from img2img.config.base import Refusal
from img2img.config.card import CODES, ModelCard, NetworkCard
from img2img.config.networks import SizeNeeds
from img2img.images import read_photo
from img2img.images.atomic import sha256
from img2img.images.names import same_form
from img2img.images.samples import fit_channels
from img2img.networks import apply_mode
from img2img.weights.files import load

from .ways import Way


def way_like(path: Path, about: ModelCard, translator: str, photo: Path) -> Way:
    """The way of this network of a weights file, in the style of a photo of the domain that it leads to.

    Raises Refusal where nothing in the file reads styles, ImageError for a photo that cannot be read.
    """
    card = about.networks[translator]
    name = _encoder(about, card)
    if card.prior is None or name is None:
        raise Refusal(
            f"--style-of {photo}: {path} has nothing that reads styles; `train bicyclegan` and `munit` train such"
        )
    encoder = apply_mode(load(path)[0][name])
    reads = about.networks[name]
    picture = fit_channels(read_photo(photo).pixels, reads.spec.input_channels)  # type: ignore[union-attr]
    with torch.inference_mode():
        code = encoder(_middle(picture, reads.size, reads.needs)[None])[:, : card.prior.size].float()
    return Way(f"{card.target}-as-{photo.stem}", code.clone(), {"style_of": sha256(photo)})


def _encoder(about: ModelCard, translator: NetworkCard) -> str | None:
    """The network of the file that reads styles of the pictures that the translator makes."""
    target = same_form(translator.target)
    fits = (name for name, card in about.networks.items() if card.target == CODES and same_form(card.source) == target)
    return next(fits, None)


def _middle(picture: Tensor, size: int | None, needs: SizeNeeds) -> Tensor:
    """The middle square of a picture (C, H, W), of the side that the encoder was trained on, where that is known; else
    as large as it takes.
    """
    shorter = min(picture.shape[1:])
    side = size or max(shorter // needs.multiple_of * needs.multiple_of, needs.minimum)
    share = side / shorter
    height, width = (max(side, round(length * share)) for length in picture.shape[1:])
    fitted = interpolate(picture[None].float(), size=(height, width), mode="bicubic", antialias=True)[0]
    top, left = (height - side) // 2, (width - side) // 2
    return fitted[:, top : top + side, left : left + side].clamp(-1, 1)
