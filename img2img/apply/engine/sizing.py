"""How large an enlarged photo is to be, in px to the last one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor

from img2img.config.base import Refusal, UserError


class SizeError(UserError, ValueError):
    """A photo that would have to be enlarged more than the weights do, or to be made smaller."""

    exit_code = 1


@dataclass(frozen=True)
class Sizing:
    """What a result's size follows from: one of these, or none, which is what the weights do.

    scale: how many times as large, from 1; fractions, too. width, height: px; the other side keeps the aspect.
    fit: (width, height) of a box, px: the largest size within it that keeps the aspect.
    """

    scale: float | None = None
    width: int | None = None
    height: int | None = None
    fit: tuple[int, int] | None = None

    @classmethod
    def parse(cls, scale: float | None, width: int | None, height: int | None, fit: str | None) -> Sizing:
        """Of options as they are written, fit as 4096x4096. Raises Refusal where there are several, or one is wrong."""
        given = {"--scale": scale, "--width": width, "--height": height, "--fit": fit}
        asked = [f"{option} {value}" for option, value in given.items() if value is not None]
        if len(asked) > 1:
            raise Refusal(f"{', '.join(asked)}: give one of them")
        if scale is not None and not 1 <= scale < float("inf"):
            raise Refusal(f"--scale {scale:g}: allowed: 1 or more")
        for option, side in (("width", width), ("height", height)):
            if side is not None and side < 1:
                raise Refusal(f"--{option} {side}: allowed: 1 px or more")
        return cls(scale, width, height, None if fit is None else _box(fit))

    def __bool__(self) -> bool:
        return self != AS_MADE

    @property
    def label(self) -> str:
        """What a result's name says: x2.5, w3840, h2160, fit4096x4096; "" for what the weights do."""
        if self.scale is not None:
            return f"x{self.scale:g}"
        if self.fit is not None:
            return f"fit{self.fit[0]}x{self.fit[1]}"
        return f"w{self.width}" if self.width else f"h{self.height}" if self.height else ""

    @property
    def settings(self) -> Mapping[str, float | str]:
        """For the manifest."""
        if self.scale is not None:
            return {"scale": self.scale}
        return {"size": self.label} if self else {}

    def size(self, width: int, height: int, most: int) -> tuple[int, int]:
        """(width, height) of the result for a photo of so many px, rounded to the nearest px.

        most: how many times weights enlarge. Raises SizeError where the result would be larger, or less than the photo.
        """
        wanted = self._size(width, height) if self else (width * most, height * most)
        if not (width <= wanted[0] <= width * most and height <= wanted[1] <= height * most):
            raise SizeError(
                f"{self} would make {wanted[0]} x {wanted[1]} px of {width} x {height} px; allowed: 1 to {most} times, "
                f"up to {width * most} x {height * most} px"
            )
        return wanted

    def times(self, width: int, height: int, most: int) -> int:
        """How many times weights have to enlarge such a photo at least, a whole number. Raises as `size`."""
        wide, high = self.size(width, height, most)
        return max(1, ceil(wide / width), ceil(high / height))

    def __str__(self) -> str:
        """As the option that it is."""
        if self.scale is not None:
            return f"--scale {self.scale:g}"
        if self.fit is not None:
            return f"--fit {self.fit[0]}x{self.fit[1]}"
        return f"--width {self.width}" if self.width else f"--height {self.height}"

    def _size(self, width: int, height: int) -> tuple[int, int]:
        if self.scale is not None:
            return floor(width * self.scale + 0.5), floor(height * self.scale + 0.5)
        wide, high = self.fit or (self.width, self.height)
        if wide is None or (high is not None and high * width < wide * height):
            assert high is not None
            return max(1, _rounded(width * high, height)), high
        return wide, max(1, _rounded(height * wide, width))


AS_MADE = Sizing()
"""As large as the weights make it."""


def _rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number, halves up, without the error of a division of floats."""
    return (2 * numerator + denominator) // (2 * denominator)


def _box(fit: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{1,18})x(\d{1,18})", fit.strip().lower())
    if not found or not all(map(int, found.groups())):
        raise Refusal(f"--fit {fit[:100]}: write it as 4096x4096, width x height in px")
    return int(found[1]), int(found[2])
