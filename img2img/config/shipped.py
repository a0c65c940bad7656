"""What shipped weights are for, in a photographer's words: for `weights list`, `upscale --help` and the README."""

from __future__ import annotations

from dataclasses import dataclass

TIME = (
    "CPU seconds of one core (AMD EPYC) for a megapixel of the result: tools/bench_upscale.py, 1024², torch 2.14, "
    "bf16; in fp32, which a CPU without bf16 takes, 2.0 s, photo-x2 7.7 s, photo-x1 37 s, light-x4 0.7 s, "
    "light-x2 2.3 s"
)
"""How times are measured."""


@dataclass(frozen=True)
class Words:
    """use: what it is for. weakness: what it does badly. seconds: by `TIME`; None where it depends on the photo."""

    use: str
    weakness: str
    seconds: float | None

    @property
    def time(self) -> str:
        """The time in words, "" where it depends on the photo."""
        return "" if self.seconds is None else f"about {self.seconds:g} s a megapixel on one core"


SHIPPED = {
    "photo-x4": Words(
        "photos as cameras and files leave them: soft, noisy, JPEG",
        "invents detail, which faces and letters show first; leaves scratches and dust, and a trace of a weave in fur",
        1.3,
    ),
    "photo-x2": Words(
        "photos as cameras and files leave them, twice as large",
        "invents detail, less of it; leaves scratches and dust",
        4.2,
    ),
    "photo-x1": Words(
        "noise, grain and JPEG out of a photo that keeps its size",
        "slow; leaves scratches, dust and the coarsest grain",
        16,
    ),
    "detail-x4": Words(
        "clean pictures, sharp",
        "sharpens noise and JPEG blocks along with the rest; invents detail",
        1.3,
    ),
    "psnr-x4": Words(
        "clean pictures, nothing invented",
        "leaves fine texture soft, and noise and JPEG blocks in",
        1.3,
    ),
    "light-x4": Words(
        "clean pictures, three times as fast",
        "leaves fine texture soft, and noise and JPEG blocks in",
        0.5,
    ),
    "light-x2": Words(
        "clean pictures, twice as large",
        "leaves fine texture soft, and noise and JPEG blocks in",
        1.2,
    ),
    "photo-inpaint": Words(
        "holes in photos: what is around them goes on",
        "by itself soft and streaky, which is why most holes are filled with copies",
        None,
    ),
}
"""Name -> words."""
