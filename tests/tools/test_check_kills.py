"""Three kills of a run and of a batch: nothing lost, nothing done otherwise; and a tool that would notice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

BREAKS = """
import sys
sys.argv = ["check_kills.py", "--kills", "3"]
sys.path.insert(0, "tools")
import check_kills
from pathlib import Path

def begin(out):
    out.mkdir(exist_ok=True)
    for number in range(200):
        (out / f"{number}.txt").write_bytes(b"x" * 1000)
        check_kills.time.sleep(0.002)

def check(out):
    pass

def same(out, whole):
    return False

check_kills.works = lambda root: [check_kills.Work("careless", begin, check, same)]
try:
    check_kills.main()
except check_kills.Broken as broken:
    print(broken)
"""


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


@pytest.mark.slow
def test_three_kills_of_each_lose_nothing() -> None:
    command = [sys.executable, "tools/check_kills.py", "--kills", "3", "--seed", "1", "--no-disks"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=450, cwd=ROOT, env=environment())
    assert done.returncode == 0, done.stdout + done.stderr
    assert (
        done.stdout.count(" 3 kills") == 2
        and done.stdout.count("two at once") == 2
        and done.stdout.count("then went on") == 2
    )


@pytest.mark.slow
def test_what_is_not_the_same_after_kills_is_noticed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BREAKS], capture_output=True, text=True, timeout=120, cwd=ROOT, env=environment()
    )
    assert "careless" in done.stdout and "is not what it is without kills" in done.stdout, done.stderr
