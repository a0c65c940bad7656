"""What latents are drawn from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from img2img.config.base import Frozen

PriorName = Literal["normal", "uniform"]


class Prior(Frozen):
    """A latent of `size` numbers: noise, then one-hot categorical codes, then continuous codes (arXiv:1606.03657)."""

    distribution: PriorName = "normal"
    """Of the noise: N(0, 1), or uniform in [-1, 1]."""
    noise: int = Field(64, ge=0)
    categorical: tuple[int, ...] = ()
    """Number of values of each categorical code, all equally likely."""
    continuous: int = Field(0, ge=0)
    """Number of codes that are uniform in [-1, 1]."""

    @property
    def codes(self) -> int:
        """Numbers of a latent that are codes; they come last."""
        return sum(self.categorical) + self.continuous

    @property
    def size(self) -> int:
        """Numbers of a latent."""
        return self.noise + self.codes
