"""What became of one photo, in a line for people and in a line for scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from img2img.apply.engine.forward import is_out_of_memory
from img2img.config.printable import as_json
from img2img.images.listing import Listing

from .job import Job


@dataclass(frozen=True)
class PhotoReport:
    """What became of one photo. error is empty where it went well; seconds: reading, network and writing."""

    job: Job
    state: Literal["written", "skipped", "failed"]
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    note: str = ""
    error: str = ""

    @classmethod
    def failed(cls, job: Job, error: Exception) -> PhotoReport:
        """The report of a photo on which something went wrong, which is named."""
        text = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, OSError) and error.strerror:
            text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        elif is_out_of_memory(error):
            text = f"out of memory; --tile or --device cpu may help ({text})"
        named = str(job.source) in text or str(job.target) in text
        return cls(job, "failed", error=text if named else f"{job}: {text}")

    def to_json(self) -> str:
        """One line for scripts."""
        facts: dict[str, str | int | float | None] = {
            "source": str(self.job.source),
            "mask": str(self.job.mask) if self.job.mask else None,
            "target": str(self.job.target),
            "state": self.state,
            "width": self.width,
            "height": self.height,
            "seconds": round(self.seconds, 3),
            "note": self.note,
            "error": self.error,
        }
        return as_json(facts)

    def __str__(self) -> str:
        """One line for people."""
        if self.state == "failed":
            return f"failed: {self.error}"
        note = f" ({self.note})" if self.note else ""
        if self.state == "skipped":
            return f"{self.job.source}: skipped{note}"
        size = f"{self.width} x {self.height} px"
        return f"{self.job.source} → {self.job.target}{note}, {size}, {self.seconds:.1f} s"


def listing_to_json(listing: Listing) -> list[str]:
    """Lines for scripts: what a folder holds that is no photo that is read, and what could not be looked into."""
    lines = []
    if listing.left_out:
        lines.append(as_json({"source": str(listing.folder), "state": "left out", "endings": dict(listing.left_out)}))
    for path, reason in listing.troubles:
        lines.append(as_json({"source": str(path), "state": "failed", "error": f"{path}: {reason}"}))
    return lines
