"""Why a run ends before its last step."""

from __future__ import annotations

import os
import signal
import time

import pytest

from img2img.training.stopping import stop_on_signals


def test_the_limit_counts_from_the_start_of_the_command() -> None:
    """Reading the data and the trial steps take their part of it."""
    with stop_on_signals(60, started=time.monotonic() - 61) as stop:
        assert stop.reason == "time limit" and stop.elapsed >= 61
    with stop_on_signals(60) as stop:
        assert stop.reason is None and stop.elapsed < 60


@pytest.mark.parametrize(("number", "reason"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")])
def test_the_first_signal_asks_and_the_second_ends(number: signal.Signals, reason: str) -> None:
    before = signal.getsignal(number)
    with stop_on_signals(None) as stop:
        os.kill(os.getpid(), number)
        assert stop.reason == reason
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before
