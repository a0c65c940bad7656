"""Teacher options: another network, whose pictures are a further target beside the true ones."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from img2img.config.base import Section


class Teacher(Section):
    """teacher"""

    teacher: Path | None = None
    """Weights whose results are a second target beside the true pictures: what `img2img upscale --model` or `img2img
    inpaint --model` takes; to inpaint also an ONNX file with MI-GAN's interface. Critics see only true pictures."""
    teacher_weight: float = Field(0.5, ge=0)
    """Weight of the perceptual distance to the teacher's picture, as a share of that to the true one."""
    teacher_pixel: float = Field(0.2, ge=0)
    """Weight of the distance of pixels to the teacher's picture."""
    teacher_pictures: int = Field(300, ge=1)
    """Examples that the teacher makes before the run begins. They are kept, and found again by a later run."""
    teacher_share: float = Field(0.5, gt=0, lt=1)
    """Share of a batch that is cut from the examples; the others are ordinary pictures, without a teacher."""
    teacher_size: int | None = Field(None, ge=16, le=1024)
    """Side of the squares that the teacher is given, px [default: to upscale 96, of the low resolution; to inpaint
    256]."""
    teacher_folder: Path = Path("runs/teachers")
    """Where the examples are kept, in a folder for each teacher, data and options."""
    teacher_licence: str = ""
    """Licence of the teacher's weights, for the model card."""

    def in_words(self) -> tuple[str, ...]:
        """Whom a network learns from, for its model card."""
        if self.teacher is None:
            return ()
        return (f"{self.teacher.name} ({self.teacher_licence or 'licence not told'})",)
