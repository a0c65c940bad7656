"""A result from the page goes beside its photo, as the command would have put it there."""

from __future__ import annotations

import shutil
from pathlib import Path

from img2img.apply.batch.existing import InputStamps, Making
from img2img.apply.batch.job import Job
from img2img.apply.batch.manifest import Entry, Ledger, Stamp
from img2img.apply.batch.plan import plan
from img2img.config.base import Refusal
from img2img.images import write_atomically
from img2img.images.atomic import sha256

from .faults import Fault
from .worker import Made, Order

MASK_ENDING = ".mask.png"
"""Of a painted mask, beside its photo."""


def mask_path(photo: Path) -> Path:
    """Where a photo's mask is saved."""
    return photo.with_name(f"{photo.stem}{MASK_ENDING}")


def save_beside(order: Order, made: Made, overwrite: bool) -> list[Path]:
    """Puts the result, and the mask that was painted, beside the photo; returns their paths.

    What img2img made is replaced, what somebody else made only with `overwrite`, as by --on-existing.
    Raises Fault 409 where that forbids it, or the photo has changed since; OSError.
    """
    suffix = f".{order.config.photos.format}" if order.config.photos.format else None
    mask = mask_path(order.photo) if order.mask else None
    (planned,) = plan([order.photo], None, made.conversion.label, suffix)
    job = Job(order.photo, planned.target, mask)
    ledger = Ledger()
    making = Making(made.conversion, ledger, order.config.photos.quality, "overwrite" if overwrite else None)
    origin = Ledger().origin(made.path)
    if origin is None or not origin.input.fits(order.photo):
        raise Fault(409, f"{order.photo}: has changed since; make the result again")
    if mask and order.mask:
        _save_mask(order.mask, mask, ledger, order.photo, overwrite)
    try:
        if making.refuses(making.state_of(job)):
            raise Refusal
        ledger.check(job.target.parent)
    except Refusal as refusal:
        raise Fault(409, str(refusal) or _in_the_way(job.target)) from None
    with write_atomically(job.target) as draft:
        shutil.copyfile(made.path, draft)
        entry = making.entry_of(job, InputStamps.of(job), Stamp.of(draft, renamed=True))
        ledger.add(job.target.parent, entry)
    return [job.target] if mask is None else [job.target, mask]


def _save_mask(painted: Path, target: Path, ledger: Ledger, photo: Path, overwrite: bool) -> None:
    if target.is_file() and sha256(target) == sha256(painted):
        return
    if (target.exists() or target.is_symlink()) and not overwrite and ledger.origin(target) is None:
        raise Fault(409, _in_the_way(target))
    with write_atomically(target) as draft:
        shutil.copyfile(painted, draft)
        made_of = {"task": "mask", "by": "painting"}
        ledger.add(
            target.parent, Entry(target.name, str(photo), Stamp.of(photo), made_of, "", Stamp.of(draft, renamed=True))
        )


def _in_the_way(target: Path) -> str:
    return f"{target} exists already, and not as img2img left it"
