"""What every spec is: a frozen, torch-free description of a network, and what it asks of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar, get_args

from pydantic import Field, ValidationError, field_validator

from img2img.config.base import Frozen, Refusal

Norm = Literal["none", "instance", "batch", "batch-stat"]
"""instance: no affine. batch: running statistics at apply time. batch-stat: affine, and always the picture's own
statistics, which is what a BatchNorm does that was trained and is applied at batch size 1 (pix2pix)."""

CriticNorm = Literal["none", "instance", "batch", "batch-stat", "spectral"]
Upsample = Literal["deconv", "resize", "bilinear", "bilinear-zeros"]
"""deconv: the papers' stride-2 transposed convolution. resize: nearest neighbour, then a 3x3 convolution, which leaves
no checkerboard (Odena et al. 2016). bilinear: the same after bilinear enlargement, which leaves no stripes either where
many doublings follow each other, as in a U-Net. bilinear-zeros: the same with zeros beyond the borders, as CUT has
it."""


LARGEST = 2**16
"""Of a width, a number of layers, a side."""
LARGEST_NEED = 4096
"""Of what pictures are padded to, px: the deepest U-Net's 2^12."""


class SizeNeeds(Frozen):
    """Which pictures a network takes, so that the engine can pad, tile and crop without knowing the network."""

    multiple_of: int = Field(1, ge=1, le=LARGEST_NEED)
    """Height and width must be a multiple of this, px."""
    minimum: int = Field(1, ge=1, le=LARGEST_NEED)
    """Smallest height and width, px."""
    maximum: int | None = Field(None, ge=1)
    """Largest height and width, px; None: no limit."""
    radius: int | None = Field(None, ge=0)
    """How far an output pixel sees, px; None: the whole picture."""
    exact_tiling: bool = True
    """Whether tiles give what the whole picture gives. False where a norm takes statistics of the whole picture."""


class Spec(Frozen):
    """A network's description. `needs` is what it asks of a picture."""

    choice: ClassVar[str] = ""
    """Its name among the choices of an option; "": its `network`."""
    initial_std: ClassVar[float] = 0.02
    """Of the first weights where nobody says otherwise: DCGAN's, pix2pix's and CycleGAN's; 0: as built."""

    network: str
    """Its name in files; each spec has its own."""

    @field_validator("*")
    @classmethod
    def _can_be_built(cls, value: Any) -> Any:
        """No layer of any network is wider than this, and none has so many: a larger number is a mistake, or worse."""
        if isinstance(value, int) and value > LARGEST:
            raise ValueError(f"allowed up to {LARGEST:,}")
        return value

    @classmethod
    def for_size(cls, size: int) -> dict[str, Any]:
        """Values of the fields that go by the side of the training pictures, px, where nobody says otherwise."""
        return {}

    @property
    def needs(self) -> SizeNeeds:
        """Any size will do, unless a spec says otherwise."""
        return SizeNeeds()

    @property
    def smallest_batch(self) -> int:
        """Pictures that it takes to train the network at all."""
        return 1

    @property
    def receptive_field(self) -> int | None:
        """Side of what one output sees, px; None where a spec does not tell."""
        return None


SpecT = TypeVar("SpecT", bound=Spec)


def by_choice(family: Any) -> dict[str, type[Any]]:
    """The specs of a union by what options call them, in its order."""
    return {spec.choice or spec.model_fields["network"].default: spec for spec in get_args(family)}


def choices(family: Any) -> Any:
    """The type of an option that names one of these specs: a Literal."""
    return Literal[tuple(by_choice(family))]


def taken_by(spec: type[Spec], options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the options that the spec has a field for."""
    return {name: value for name, value in options.items() if name in spec.model_fields}


def spec_from_options(spec: type[SpecT], prefix: str, given: Mapping[str, Any]) -> SpecT:
    """The spec with those of its fields that are not None. Raises Refusal, naming options, for what it does not take.

    prefix: what stands before a field's name in the option's: "critic-".
    """
    try:
        return spec(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        faults = [
            f"--{prefix}{fault['loc'][0]} {fault['input']}: {fault['msg'].removeprefix('Value error, ').lower()}"
            for fault in error.errors()
        ]
        raise Refusal(f"{spec.model_fields['network'].default}: {'; '.join(faults)}") from None
