"""Files that are damaged in every way, from a seed: does the program ever crash, hang, swell, or give a wrong picture?

    python tools/torture.py                          # every subject, 300 files of each, about a minute a subject
    python tools/torture.py pictures --seed 7 --files 3000 --minutes 10

A subject (`torture_subjects.py` lists them) has whole files, and a question that is asked of a damaged one, in another
process, which is killed after 20 seconds (on a busy machine more). A line for each fault with the file that shows it,
counts of what was answered, exit code 1 where there was a fault.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated, Literal, TypeVar

import numpy as np
import typer
from torture_mutators import MUTATORS, Mutator

from img2img.config.errors import UserError

SLOWEST, MOST_MEMORY = 20, 3  # seconds; GiB

LONGEST_LINE = 2000
"""Letters of an error: two paths and a reason."""

Made = TypeVar("Made")


def patience() -> float:
    """Seconds after which a process hangs: as many times longer as others keep the machine busy."""
    return SLOWEST * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


Answer = Literal["refused", "unharmed", "changed", "SILENT", "TRACEBACK", "HUNG", "SWOLLEN"]
"""Refused in one line; read as if whole; read with another content, which nothing in the format tells; and the faults:
read with another content though a checksum or a warning tells, crashed, too slow, too large."""

Question = Callable[[Path, bytes, str], Answer]
"""Asked of a file, given what it was before and the mutator's name; whatever it raises is a traceback."""


@dataclass(frozen=True)
class Subject:
    """Something that the program reads. whole: files by their names; mutators: what is done to them, each to every one
    of the files, or those of `own`, {mutator: the files it is for}. share: of the files that are asked for, where a
    question takes long."""

    whole: Mapping[str, bytes]
    ask: Question
    mutators: Mapping[str, Mutator] = field(default_factory=lambda: MUTATORS)
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    share: float = 1

    def drawn(self, rng: np.random.Generator) -> Case:
        """A file and what is done to it."""
        mutator = str(rng.choice(list(self.mutators)))
        return Case(str(rng.choice(list(self.own.get(mutator, self.whole)))), mutator, int(rng.integers(1 << 32)))


def or_refused(work: Callable[[], Made], path: Path) -> Made | None:
    """What the work gives, or None where it refuses; a refusal that is no line with the file's name is an
    AssertionError."""
    try:
        return work()
    except UserError as error:
        line = str(error)
        if "\n" in line or path.name not in line or len(line) > LONGEST_LINE:
            raise AssertionError(f"no line that names {path.name}: {line[:2000]!r}") from error
        return None


@dataclass(frozen=True)
class Case:
    """One damaged file, by what it is made from."""

    name: str
    mutator: str
    seed: int

    def damaged(self, subject: Subject) -> bytes:
        """The file's content."""
        return subject.mutators[self.mutator](subject.whole[self.name], np.random.default_rng(self.seed))


class Worker:
    """A process that answers, until it hangs, dies or has swollen; then another takes its place."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=_answer_all, args=(self._subject, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, path: Path, case: Case) -> tuple[Answer, str]:
        """The answer, and what was said."""
        self._pipe.send((path, case))
        try:
            limit = patience()
            if self._pipe.poll(limit):
                answer, said, gibibytes = self._pipe.recv()
                if gibibytes <= MOST_MEMORY:
                    return answer, said
                answer, said = "SWOLLEN", f"{gibibytes:.1f} GiB"
            else:
                answer, said = "HUNG", f"no answer within {limit:.0f} s"
        except EOFError:
            answer, said = "TRACEBACK", "the process died"
        self.close()
        self._start()
        return answer, said

    def close(self) -> None:
        """End it, and what it may have called."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid or 0, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _answer_all(subject: Subject, pipe: Connection) -> None:
    os.setsid()
    before = _gibibytes()
    while True:
        path, case = pipe.recv()
        said = ""
        try:
            answer: Answer = subject.ask(path, subject.whole[case.name], case.mutator)
        except Exception:
            answer, said = "TRACEBACK", traceback.format_exc()
        pipe.send((answer, said, _gibibytes() - before))


def _gibibytes() -> float:
    """The most memory that this process ever had, or one that it called; Linux counts in KiB, macOS in bytes."""
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most / (1 << 20 if sys.platform != "darwin" else 1 << 30)


def torture(name: str, subject: Subject, files: int, seed: int, seconds: float) -> tuple[Counter[str], list[str]]:
    """Ask of so many damaged files, or as many as the time allows. Returns the counts of answers, and the faults."""
    rng = np.random.default_rng(seed)
    counts, faults = Counter[str](), list[str]()
    folder = Path(mkdtemp(prefix=f"torture-{name}-"))
    worker = Worker(subject)
    end = time.monotonic() + seconds
    for number in range(max(1, round(files * subject.share))):
        if time.monotonic() > end:
            break
        case = subject.drawn(rng)
        path = folder / f"{number}-{case.mutator}-{case.name}"
        path.write_bytes(case.damaged(subject))
        answer, said = worker.ask(path, case)
        counts[answer] += 1
        if answer.isupper():
            faults.append(f"{answer}: {path} (seed {case.seed}) {said}".rstrip())
        else:
            path.unlink()
    worker.close()
    if not faults:
        shutil.rmtree(folder)
    return counts, faults


def main(
    subjects: Annotated[list[str] | None, typer.Argument(help="Which [default: all].")] = None,
    files: Annotated[int, typer.Option(min=1, help="Damaged files of each subject.")] = 300,
    seed: Annotated[int, typer.Option(help="Where the damage is.")] = 0,
    minutes: Annotated[float, typer.Option(min=0, help="At most, for all of them.")] = 8.0,
) -> None:
    """Damaged files of every kind."""
    from torture_subjects import SUBJECTS

    chosen = subjects or list(SUBJECTS)
    found = []
    for name in chosen:
        if name not in SUBJECTS:
            raise typer.BadParameter(f"{name}: allowed: {', '.join(SUBJECTS)}")
        counts, faults = torture(name, SUBJECTS[name](), files, seed, 60 * minutes / len(chosen))
        print(
            f"{name}: {counts.total()} files: " + ", ".join(f"{count} {key}" for key, count in sorted(counts.items()))
        )
        found += faults
    for fault in found:
        print(fault)
    raise typer.Exit(bool(found))


if __name__ == "__main__":
    typer.run(main)
