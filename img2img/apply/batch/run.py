"""Many photos through the engine: what is there already, then each of the others, none the end of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from img2img.apply.conversion import Conversion, Watch
from img2img.config.apply import OnExisting
from img2img.disk.folders import make_folder
from img2img.images import DEFAULT_MAX_PIXELS, sweep

from .existing import Making, split_jobs
from .job import Job, Shard
from .manifest import Ledger
from .pipeline import Pipeline, Starting
from .report import PhotoReport


def run_batch(
    jobs: Sequence[Job],
    model: Conversion,
    *,
    on_existing: OnExisting | None = None,
    quality: int | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    shard: Shard | None = None,
    watch: Watch | None = None,
    starting: Starting | None = None,
) -> Iterator[PhotoReport]:
    """Convert each job and yield its report, in their order. Results appear by rename, so none is ever half written.

    on_existing: what to do where a result is already; None: skip those that the manifest says came from the same
    input, settings and weights, make those again that came from others, refuse what we did not write. quality: of the
    format, 0 to 100. max_pixels: of a source. shard: which these jobs are, for the manifest's name. watch: takes the
    share of the photo under way. starting: hears of each photo before the network does.
    Raises PlanError before any work where a target exists and may not be touched, or a manifest is a link.
    """
    ledger = Ledger(f"{shard.number}-of-{shard.count}" if shard else "")
    making = Making(model, ledger, quality, on_existing)
    todo, skipped = split_jobs(jobs, making)
    folders = {job.target.parent for job in todo}
    for folder in folders:
        ledger.check(folder)
    for job, reason in skipped:
        yield PhotoReport(job, "skipped", note=reason)
    for folder in folders:
        make_folder(folder)
    for folder in {job.target.parent for job in jobs}:  # another call may have been killed that left nothing to do
        sweep(folder)
    yield from Pipeline(making, max_pixels, watch, starting).run(todo)
