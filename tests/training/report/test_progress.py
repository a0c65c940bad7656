"""Progress: plain lines in a pipe, a bar on a terminal, and a speed that is the last minute's."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from rich.console import Console

from img2img.machine import memory_gib
from img2img.training.report.progress import Progress


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def piped(
    clock: Clock, total: int = 2000, first_step: int = 0, images_per_step: int = 1
) -> tuple[Progress, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, width=40)
    return Progress(total, first_step, "pix2pix", console, images_per_step, clock), out


def test_a_pipe_gets_one_plain_line_a_log_call() -> None:
    clock = Clock()
    progress, out = piped(clock, images_per_step=4)
    with progress:
        for step in range(1, 501):
            clock.now += 0.5
            progress.update(step)
        progress.log(
            500, {"lr": 2e-4, "generator/l1": 0.21345, "critic/real": 0.6931, "memory_gib": 1.24, "skipped": 0}
        )
    assert out.getvalue() == (
        "step 500/2000  generator/l1 0.213  critic/real 0.693  8.0 images/s  1.2 GiB  ETA 0:12:30\n"
    )


def test_notes_and_skipped_steps_are_told_as_they_are() -> None:
    progress, out = piped(Clock())
    with progress:
        progress.note("saved [bold]runs/zebras[/bold] to a path that is longer than the console is wide")
        progress.log(1, {"skipped": 3})
    note, line = out.getvalue().splitlines()
    assert note == "saved [bold]runs/zebras[/bold] to a path that is longer than the console is wide"
    assert line == "step 1/2000  skipped 3  0.0 images/s  ETA -"


def test_only_the_first_terms_are_shown() -> None:
    progress, out = piped(Clock())
    progress.log(1, {f"critic/{n}": 1.0 for n in range(30)})
    assert "critic/7 1" in out.getvalue() and "critic/8 " not in out.getvalue()


def test_the_default_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(10, 0, "pix2pix") as progress:
        progress.log(1, {})
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("step 1/10 ") and "\x1b" not in err


def test_the_speed_is_that_of_the_last_minute() -> None:
    clock = Clock()
    progress, _ = piped(clock, total=10_000, images_per_step=2)
    step = 0
    for pace, count in ((0.1, 3000), (0.5, 300)):
        for _ in range(count):
            step += 1
            clock.now += pace
            progress.update(step)
    assert abs(progress.steps_per_second - 2.0) < 1e-6
    assert abs(progress.images_per_second - 4.0) < 1e-6
    left = progress.seconds_left
    assert left is not None and abs(left - (10_000 - step) / 2.0) < 1e-3


def test_steps_longer_than_the_window_have_a_speed_too() -> None:
    clock = Clock()
    progress, _ = piped(clock)
    for step in (1, 2, 3):
        clock.now += 200
        progress.update(step)
    assert abs(progress.steps_per_second - 1 / 200) < 1e-9


def test_a_resumed_run_counts_only_its_own_steps() -> None:
    clock = Clock()
    progress, _ = piped(clock, total=1000, first_step=900)
    assert progress.seconds_left is None
    clock.now += 10
    progress.update(910)
    assert abs(progress.steps_per_second - 1.0) < 1e-9
    left = progress.seconds_left
    assert left is not None and abs(left - 90) < 1e-6


def test_marks_do_not_grow_with_the_steps() -> None:
    clock = Clock()
    progress, _ = piped(clock, total=100_000)
    for step in range(1, 20_001):
        clock.now += 0.01
        progress.update(step)
    assert len(progress._marks) < 70


def test_a_terminal_gets_a_bar_with_the_numbers_and_the_notes() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    with Progress(20, 0, "cyclegan", console) as progress:
        progress.log(5, {"generator/cycle_a": 1.25, "memory_gib": 2.0})
        progress.note("a line above")
    text = out.getvalue()
    for part in ("cyclegan", "5 / 20", "━", "2.0 GiB", "generator/cycle_a 1.25", "a line above"):
        assert part in text
    assert "step 5/20" not in text
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1  # the cursor was hidden, and is shown again


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="compares with Linux's /proc")
def test_the_memory_of_a_cpu_run_is_the_peak_of_the_process() -> None:
    told = memory_gib(torch.device("cpu"))
    peak_kib = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
    assert abs(told - peak_kib / 2**20) < 0.05
