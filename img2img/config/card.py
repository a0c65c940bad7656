"""The model card: what a weights file says of itself, stored in the safetensors metadata."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from img2img.config.networks.prior import Prior
from img2img.config.networks.samplers import NoiseGeneratorSpec

from .base import Frozen
from .networks import AnySpec, SizeNeeds

METADATA_KEY = "img2img"
"""Key of the card's JSON in the safetensors metadata."""

Task = Literal["translate", "upscale", "inpaint", "sample"]

CODES = "codes"
"""The target of an encoder, which makes no pictures."""


class NetworkCard(Frozen):
    """One network of the file: from which domain to which, and what pictures it takes."""

    spec: AnySpec
    source: str = "input"
    target: str = "output"
    scale: int = Field(default=1, ge=1, le=16)
    needs: SizeNeeds = Field(default_factory=lambda given: given["spec"].needs)
    """By default what the spec says."""
    size: int | None = Field(default=None, ge=1, le=2**16)
    """Side of the squares that it was trained on, px; None: not said."""
    prior: Prior | None = None
    """What its latents are drawn from, where it draws pictures from noise."""
    classes: tuple[str, ...] = ()
    """Names of the classes that it can be told, by number."""

    @property
    def is_told(self) -> bool:
        """Whether the network takes something beside the picture, or the noise: a class, a style."""
        return bool(self.classes or self.prior)

    @property
    def leads_to(self) -> tuple[str, ...]:
        """The domains that `translate --to` can name: each that it can be told, or the one that it always makes."""
        if self.target == CODES:
            return ()
        told_where = self.classes and not isinstance(self.spec, NoiseGeneratorSpec)
        return self.classes if told_where else (self.target,)


NetworkName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]


class ModelCard(Frozen):
    """A weights file's description. Tensor keys are `<name>.<parameter>` for each name in `networks`."""

    format: Literal[1] = 1
    task: Task
    networks: dict[NetworkName, NetworkCard] = Field(min_length=1, max_length=64)
    value_range: Literal["[-1, 1]"] = "[-1, 1]"
    recipe: str = ""
    game: str = ""
    data: str = ""
    """What it was trained on, in a phrase."""
    teachers: tuple[str, ...] = ()
    """Other networks whose pictures it learnt from, with the licence of each."""
    licence: str = "unknown"
    steps: int = Field(default=0, ge=0, lt=2**53)
    images_seen: int = Field(default=0, ge=0, lt=2**63)
    ema: float | None = None
    created_with: str = ""
    note: str = ""
    figures: dict[str, FiniteFloat] = Field(default_factory=dict)
    """Measured numbers, each key saying what and by which protocol."""
