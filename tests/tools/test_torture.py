"""The torture of files: it follows from its seed, finds what is wrong, and finds nothing in the reading of pictures."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "tools"))

import torture
from torture import Case, Subject
from torture_mutators import MUTATORS
from torture_pictures import pictures
from torture_subjects import SUBJECTS

FILES = {
    "pictures": 450,
    "masks": 250,
    "weights": 300,
    "foreign": 250,
    "checkpoints": 200,
    "runs": 20,
    "configs": 300,
    "manifests": 120,
    "folders": 120,
    "commands": 4,
}
"""2,014 in all, four of them real commands: a third of the time."""


def test_all_subjects_have_their_share() -> None:
    assert FILES.keys() == SUBJECTS.keys() and sum(FILES.values()) > 2000


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_every_subject_bears_it(name: str) -> None:
    subject = replace(SUBJECTS[name](), share=1)
    counts, faults = torture.torture(name, subject, FILES[name], 3, 300)
    assert faults == [] and counts.total() == FILES[name], (faults[:3], counts)
    assert counts["refused"] > FILES[name] // 5, counts


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
        time.sleep(600)
    if kind == b"d":
        os._exit(1)
    if kind == b"m":
        return "SILENT" if len(bytearray(1 << 28)) == 0 else "refused"
    return "SILENT"


@pytest.mark.parametrize(
    ("first", "fault"), [("t", "TRACEBACK"), ("h", "HUNG"), ("d", "TRACEBACK"), ("m", "SWOLLEN"), ("s", "SILENT")]
)
def test_every_fault_is_found(first: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if first == "h":
        monkeypatch.setattr(torture, "SLOWEST", 0.5)
    monkeypatch.setattr(torture, "MOST_MEMORY", 0.1)
    subject = Subject({"file": first.encode() * 100}, careless, {"as-it-is": lambda data, rng: data})
    counts, faults = torture.torture("careless", subject, 2, 0, 30)
    assert counts == {fault: 2}
    assert len(faults) == 2 and "as-it-is-file" in faults[0]
