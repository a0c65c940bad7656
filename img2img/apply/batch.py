"""Many photos through the engine: each one reported, one bad file never the end of the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from img2img.images import DEFAULT_MAX_PIXELS, ImageError, NotFiniteError, Photo, read_photo, write_photo

from .plan import Job, PlanError

OnExisting = Literal["fail", "skip", "overwrite"]


@dataclass(frozen=True)
class Report:
    """What became of one photo. error is empty where it went well."""

    job: Job
    state: Literal["written", "skipped", "failed"]
    width: int = 0
    height: int = 0
    seconds: float = 0.0
    note: str = ""
    error: str = ""


def run_batch(
    jobs: Sequence[Job],
    convert: Callable[[Photo], Photo],
    *,
    on_existing: OnExisting,
    quality: int | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> Iterator[Report]:
    """Converts each job in turn and yields its report. Results appear by rename, so none is ever half written.

    Raises PlanError before any work where a target exists and on_existing is fail.
    """
    if on_existing == "fail":
        there = [job.target for job in jobs if job.target.exists()]
        if there:
            more = f" and {len(there) - 1} more" if len(there) > 1 else ""
            raise PlanError(f"{there[0]}{more} exists already; --on-existing skip or overwrite says what to do")
    for job in jobs:
        if on_existing == "skip" and job.target.exists():
            yield Report(job, "skipped")
        else:
            yield _convert(job, convert, quality, max_pixels)


def _convert(job: Job, convert: Callable[[Photo], Photo], quality: int | None, max_pixels: int) -> Report:
    started = time.perf_counter()
    try:
        photo = read_photo(job.source, max_pixels=max_pixels)
        result = convert(photo)
        job.target.parent.mkdir(parents=True, exist_ok=True)
        write_photo(result, job.target, quality=quality)
    except ImageError as error:
        return Report(job, "failed", error=str(error))
    except NotFiniteError as error:
        return Report(job, "failed", error=f"{job.source}: {error}")
    except torch.OutOfMemoryError:
        return Report(
            job, "failed", error=f"{job.source}: too large for the memory of this device; --device cpu has more"
        )
    except OSError as error:
        return Report(job, "failed", error=f"{error.filename or job.source}: {error.strerror or error}")
    height, width = result.pixels.shape[-2:]
    return Report(job, "written", width, height, time.perf_counter() - started, note=photo.note)
