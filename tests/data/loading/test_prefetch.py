from __future__ import annotations

import threading
from itertools import islice

import pytest
import torch
from support.data_drawing import Draw

from img2img.data.folders.find import Picture
from img2img.data.loading.batches import Batches
from img2img.data.loading.order import Order
from img2img.data.loading.prefetch import in_processes, in_threads
from img2img.data.loading.rows import Rows


@pytest.fixture
def batches(draw: Draw) -> Batches:
    pictures = tuple(Picture(draw(f"{number}.png", (20, 20))) for number in range(3))
    rows = Rows({"a": pictures}, {"a": 3}, (16, 16), "cover")
    return Batches([(rows, Order(3, seed=0, stream=0, batch_size=2))], (16, 16), {"a": False})


@pytest.mark.slow
def test_spawned_workers_give_what_threads_give(batches: Batches) -> None:
    """Windows and macOS start their workers from nothing, so that everything must be picklable."""
    threads, processes = in_threads(batches, 2, 2), in_processes(batches, 2, 1, pinned=False, start_method="spawn")
    for one, other in islice(zip(threads, processes, strict=True), 4):
        assert torch.equal(one["a"], other["a"])
    threads.close()
    processes.close()


def test_threads_end_with_their_generator(batches: Batches) -> None:
    def readers() -> list[str]:  # threads of earlier tests may still be ending
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("batches")]

    stream = in_threads(batches, 0, 3)
    next(stream)
    assert readers()
    stream.close()
    assert not readers()


def test_a_stream_may_begin_amid_steps_that_share_their_pictures(batches: Batches) -> None:
    rows = batches.tables[0][0]
    shared = Batches([(rows, Order(3, seed=0, stream=0, batch_size=2, windows=3))], (16, 16), {"a": False})
    whole, threads, process = in_threads(shared, 0, 1), in_threads(shared, 4, 2), in_processes(shared, 4, 1, False)
    expected = [batch["a"] for batch in islice(whole, 11)][4:]
    for stream in (threads, process):
        assert all(torch.equal(one["a"], other) for one, other in zip(islice(stream, 7), expected, strict=True))
        stream.close()
    whole.close()
