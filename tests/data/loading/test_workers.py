"""Processes that make batches: without shared memory, and nobody waits for one that is gone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
import torch
from support.data_drawing import Draw

from img2img.data.folders.find import Picture
from img2img.data.loading.batches import Batches
from img2img.data.loading.order import Order
from img2img.data.loading.prefetch import in_processes, in_threads
from img2img.data.loading.rows import Rows
from img2img.data.loading.unreadable import Unreadable
from img2img.data.loading.workers import WorkerDied
from img2img.images import ImageError

COUNT = 8


@pytest.fixture
def pictures(draw: Draw) -> tuple[Picture, ...]:
    return tuple(Picture(draw(f"{number}.png", (20, 20))) for number in range(COUNT))


def of(pictures: tuple[Picture, ...], batch_size: int = 2) -> Batches:
    rows = Rows({"a": pictures}, {"a": 3}, (16, 16), "cover")
    return Batches([(rows, Order(len(pictures), seed=0, stream=0, batch_size=batch_size))], (16, 16), {"a": False})


def test_processes_give_what_threads_give_in_order(pictures: tuple[Picture, ...]) -> None:
    threads, processes = in_threads(of(pictures), 3, 1), in_processes(of(pictures), 3, 3, False)
    for one, other in islice(zip(threads, processes, strict=True), 10):
        assert torch.equal(one["a"], other["a"]) and not other["a"].is_shared()
    threads.close()
    processes.close()
    assert not multiprocessing.active_children()


def test_a_worker_that_is_killed_is_said_at_once(pictures: tuple[Picture, ...]) -> None:
    stream = in_processes(of(pictures), 0, 2, False)
    next(stream)
    for child in multiprocessing.active_children():
        os.kill(child.pid or 0, signal.SIGKILL)
    started = time.monotonic()
    with pytest.raises(WorkerDied, match=r"SIGKILL.*--workers 0"):
        list(islice(stream, 100))
    assert time.monotonic() - started < 10


ORPHANS = """
import multiprocessing, os, sys, time
from support.data_drawing import *
from img2img.data.loading.batches import Batches
from img2img.data.folders.find import Picture
from img2img.data.loading.order import Order
from img2img.data.loading.prefetch import in_processes
from img2img.data.loading.rows import Rows
from pathlib import Path
pictures = tuple(Picture(path) for path in sorted(Path(sys.argv[1]).glob("*.png")))
rows = Rows({"a": pictures}, {"a": 3}, (16, 16), "cover")
stream = in_processes(Batches([(rows, Order(len(pictures), 0, 0, 2))], (16, 16), {"a": False}), 0, 2, False)
next(stream)
print(*(child.pid for child in multiprocessing.active_children()), flush=True)
os.kill(os.getpid(), 9)
"""


def test_workers_end_with_a_main_process_that_was_killed(pictures: tuple[Picture, ...], tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ORPHANS, pictures[0].path.parent]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, env=environment)
    deadline = time.monotonic() + 20
    workers = [int(number) for number in done.stdout.split()]
    assert len(workers) == 2
    while any(_lives(worker) for worker in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _lives(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("processes", [0, 2])
def test_a_picture_that_vanished_is_replaced_and_named_once(pictures: tuple[Picture, ...], processes: int) -> None:
    pictures[3].path.unlink()
    pictures[5].path.write_bytes(b"damaged")
    said: list[str] = []
    unreadable = Unreadable(said.append)
    stream = (
        in_processes(of(pictures), 0, processes, False, unreadable)
        if processes
        else in_threads(of(pictures), 0, 1, unreadable)
    )
    found = [batch["a"] for batch in islice(stream, 12)]
    stream.close()
    assert len(said) == 2 and {"3.png" in line for line in said} == {True, False}
    assert "(1 of 8 so far)" in said[0] and "(2 of 8 so far)" in said[1]
    order = Order(COUNT, 0, 0, 2)
    whole = of(pictures).tables[0][0]
    draws = [draw.row for step in range(12) for draw in order.batch(step)]
    assert {3, 5} <= set(draws)
    for row, picture in zip(draws, torch.cat(found), strict=True):
        instead = {3: 4, 5: 6}.get(row, row)
        expected = torch.from_numpy(whole[instead]["a"])
        assert expected.shape[1:] == (16, 16) and torch.equal(picture, expected)


def test_too_many_unreadable_pictures_end_the_run(pictures: tuple[Picture, ...]) -> None:
    for picture in pictures[:3]:
        picture.path.unlink()
    with pytest.raises(ImageError, match="3 of 8 pictures cannot be read any more, which is too many"):
        list(islice(in_threads(of(pictures), 0, 1), 12))


def test_each_domain_has_its_own_share_of_unreadable_pictures() -> None:
    said: list[str] = []
    unreadable = Unreadable(said.append)
    unreadable.note([(0, 1, 8, "a/1"), (0, 2, 8, "a/2"), (1, 1, 8, "b/1"), (1, 5, 8, "b/5")])
    assert [line[-15:] for line in said] == [f"({count} of 8 so far)" for count in (1, 2, 1, 2)]
    with pytest.raises(ImageError, match="b/7; 3 of 8 pictures"):
        unreadable.note([(1, 7, 8, "b/7")])


def test_a_folder_that_is_gone_ends_the_run_in_one_line(pictures: tuple[Picture, ...]) -> None:
    for picture in pictures:
        picture.path.unlink()
    for stream in (in_threads(of(pictures), 0, 1), in_processes(of(pictures), 0, 1, False)):
        with pytest.raises(ImageError, match="nor can the 7 pictures before it be read"):
            next(stream)
