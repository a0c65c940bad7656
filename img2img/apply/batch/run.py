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
    """As `run_batches`, of one conversion."""
    yield from run_batches(
        [(jobs, model)],
        on_existing=on_existing, quality=quality, max_pixels=max_pixels, shard=shard, watch=watch, starting=starting,
    )  # fmt: skip


def run_batches(
    batches: Sequence[tuple[Sequence[Job], Conversion]],
    *,
    on_existing: OnExisting | None = None,
    quality: int | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    shard: Shard | None = None,
    watch: Watch | None = None,
    starting: Starting | None = None,
) -> Iterator[PhotoReport]:
    """Convert the jobs of each batch with its conversion and yield their reports, in their order. Results appear by
    rename, so none is ever half written.

    on_existing: what to do where a result is already; None: skip those that the manifest says came from the same
    input, settings and weights, make those again that came from others, refuse what we did not write. quality: of the
    format, 0 to 100. max_pixels: of a source. shard: which these jobs are, for the manifest's name. watch: takes the
    share of the photo under way. starting: hears of each photo before the network does.
    Raises PlanError before any work where a target exists and may not be touched, or a manifest is a link.
    """
    ledger = Ledger(f"{shard.number}-of-{shard.count}" if shard else "")
    makings = [Making(model, ledger, quality, on_existing) for _, model in batches]
    split = [split_jobs(jobs, making) for (jobs, _), making in zip(batches, makings, strict=True)]
    folders = {job.target.parent for todo, _ in split for job in todo}
    for folder in folders:
        ledger.check(folder)
    for _, skipped in split:
        for job, reason in skipped:
            yield PhotoReport(job, "skipped", note=reason)
    for folder in folders:
        make_folder(folder)
    for folder in {
        job.target.parent for jobs, _ in batches for job in jobs
    }:  # another call may have been killed that left nothing to do
        sweep(folder)
    for making, (todo, _) in zip(makings, split, strict=True):
        yield from Pipeline(making, max_pixels, watch, starting).run(todo)
