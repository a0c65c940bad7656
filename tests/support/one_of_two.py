"""`python -m support.one_of_two HAPPENS STEP DATA ARGUMENT…` is one rank of two of `img2img ARGUMENT…`.

At that step something happens to the second rank alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path

from img2img.cli.app import main as program
from img2img.data.loading import batches
from img2img.images import ImageError
from img2img.training.report.progress import Progress
from img2img.training.session import Session


def main(happens: str, step: int, data: Path) -> None:
    """Runs the program, with the trouble built in on the second rank."""
    watch = Session._keep_watch

    def watched(self: Session, progress: Progress) -> None:
        if self.trainer.step == step and self.trainer.ranks.rank == 1:
            _happen(happens, data)
        watch(self, progress)

    Session._keep_watch = watched  # type: ignore[method-assign]
    program()


def _happen(what: str, data: Path) -> None:
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "worker":
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)
    if what == "pictures":

        def gone(*_: object) -> None:
            raise ImageError(f"{data}: No such file or directory")

        batches.Batches.group = gone  # type: ignore[method-assign, assignment]
    if what == "picture":
        (data / "3.png").write_bytes(b"damaged")


if __name__ == "__main__":
    called = sys.argv[1:4]
    del sys.argv[1:4]
    main(called[0], int(called[1]), Path(called[2]))
