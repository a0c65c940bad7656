"""Threads that read: none is at work when the batch has ended, none keeps what it has read, one may hang."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import pytest

from img2img.apply.batch import readers
from img2img.apply.batch.readers import Readers


class Photo:
    """Something large."""


def test_what_was_read_is_not_kept() -> None:
    pool: Readers[Photo] = Readers(1)
    photo = pool.submit(Photo).result()
    kept = weakref.ref(photo)
    del photo
    end = time.monotonic() + 5  # the thread may still be on its way back to the queue
    while kept() is not None and time.monotonic() < end:
        gc.collect()
        time.sleep(0.01)
    assert kept() is None
    pool.leave()


def test_no_thread_is_at_work_when_the_batch_has_ended() -> None:
    pool: Readers[None] = Readers(2)
    pool.submit(lambda: time.sleep(0.2))
    pool.leave()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read_")]


def test_a_thread_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "PATIENCE", 0.1)
    hang = threading.Event()
    pool: Readers[bool] = Readers(1)
    pool.submit(hang.wait)
    started = time.monotonic()
    pool.leave()
    assert time.monotonic() - started < 2
    hang.set()


def test_an_error_reaches_who_asked() -> None:
    pool: Readers[float] = Readers(1)
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).result()
    pool.leave()
