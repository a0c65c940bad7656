"""One photo's way through a batch, and the part of a folder that it belongs to."""

from __future__ import annotations

import hashlib
import os
import re
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from img2img.config.base import Refusal

PHOTO: ContextVar[str] = ContextVar("photo", default="")
"""Which photo this thread is at, for what libraries warn of."""


class PlanError(Refusal):
    """The sources and the output do not make a plan."""


@dataclass(frozen=True)
class Job:
    """One photo's way: source file, target file; mask: the picture of its hole, where the task wants one."""

    source: Path
    target: Path
    mask: Path | None = None

    def __str__(self) -> str:
        return str(self.source) if self.mask is None else f"{self.source} with {self.mask}"


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of a folder, the `number`-th from 1, for as many computers or job array tasks.

    A photo's part follows from its name below the folder alone, so that the parts fit together even if photos come
    and go between their starts.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise PlanError(f"--shard {self.number}/{self.count}: allowed: 1/{self.count} to {self.count}/{self.count}")

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Of the form 2/8. Raises PlanError."""
        found = re.fullmatch(r"0*(\d{1,9})/0*(\d{1,9})", text)
        if not found or not int(found[2]):
            raise PlanError(f"--shard {text[:100]}: write it as 2/8, the second part of eight")
        return cls(int(found[1]), int(found[2]))

    def has(self, below: Path) -> bool:
        """Whether a photo is in this part, by its path below the folder."""
        digest = hashlib.blake2b(os.fsencode(below.as_posix()), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self.count == self.number - 1
