"""The torture of files: it follows from its seed, finds what is wrong, and finds nothing in the reading of pictures."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import torture
from torture import Case, Subject
from torture_mutators import MUTATORS
from torture_pictures import pictures


def test_pictures_of_every_format_bear_it() -> None:
    counts, faults = torture.torture("pictures", pictures(), 150, 3, 60)
    assert faults == [] and counts["refused"] > 50, counts


def test_damage_follows_from_the_seed() -> None:
    subject = pictures()
    for name in MUTATORS:
        one, two, other = (Case("rgb.png", name, seed).damaged(subject) for seed in (4, 4, 5))
        assert one == two and (other != one or name == "doubled")


def careless(path: Path, whole: bytes, mutator: str) -> torture.Answer:
    """A reader with every fault, by the first byte."""
    kind = path.read_bytes()[:1]
    if kind == b"t":
        raise KeyError("a trace")
    if kind == b"h":
        time.sleep(9)
    if kind == b"d":
        os._exit(1)
    if kind == b"m":
        return "SILENT" if len(bytearray(1 << 29)) == 0 else "refused"
    return "SILENT"


@pytest.mark.parametrize(
    ("first", "fault"), [("t", "TRACEBACK"), ("h", "HUNG"), ("d", "TRACEBACK"), ("m", "SWOLLEN"), ("s", "SILENT")]
)
def test_every_fault_is_found(first: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torture, "SLOWEST", 2)
    monkeypatch.setattr(torture, "MOST_MEMORY", 0.2)
    subject = Subject({"file": first.encode() * 100}, careless, {"as-it-is": lambda data, rng: data})
    counts, faults = torture.torture("careless", subject, 2, 0, 30)
    assert counts == {fault: 2}
    assert len(faults) == 2 and "as-it-is-file" in faults[0]
