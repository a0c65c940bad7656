"""Which results are ours, and what they came from."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from img2img.apply.batch.job import PlanError
from img2img.apply.batch.manifest import LONGEST_LINE, NAME, Entry, Ledger, Stamp

SETTINGS = {"task": "upscale", "scale": 4, "quality": None}


def record(ledger: Ledger, target: Path, content: bytes, source: Path, **changed: object) -> None:
    """As a writer does it: the line first, then the rename."""
    draft = target.with_name("draft")
    draft.write_bytes(content)
    settings = {**SETTINGS, **changed}
    entry = Entry(target.name, str(source), Stamp.of(source), settings, "weights", Stamp.of(draft, renamed=True))
    ledger.add(target.parent, entry)
    draft.rename(target)


def test_a_stamp_fits_a_file_until_its_content_changes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"one")
    stamp, facts = Stamp.of(path), path.stat()
    assert stamp.fits(path)
    os.utime(path, (1, 1))
    assert stamp.fits(path), "other times, same content"
    path.write_bytes(b"two")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert not stamp.fits(path), "other content of the same size, and the old time put back"
    path.unlink()
    assert not stamp.fits(path)


def test_a_result_is_known_until_somebody_changes_it(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(b"photo")
    assert Ledger().origin(target) is None
    record(Ledger(), target, b"result", source)
    entry = Ledger().origin(target)
    assert entry and entry.same_making(SETTINGS, "weights") and entry.input.fits(source)
    assert not entry.same_making({**SETTINGS, "scale": 2}, "weights") and not entry.same_making(SETTINGS, "others")
    target.write_bytes(b"retouched")
    assert Ledger().origin(target) is None


def test_a_result_has_the_inputs_it_came_from(tmp_path: Path) -> None:
    source, mask, other = (tmp_path / name for name in ("in.jpg", "mask.png", "other.png"))
    for path in (source, mask, other):
        path.write_bytes(path.name.encode())
    entry = Entry("out.jpg", "in.jpg", Stamp.of(source), SETTINGS, "weights", Stamp.of(source), Stamp.of(mask))
    kept = Entry.from_line(entry.to_line())
    assert kept == entry and kept.same_inputs(source, mask)
    assert not kept.same_inputs(source, other) and not kept.same_inputs(source, None)
    plain = Entry("out.jpg", "in.jpg", Stamp.of(source), SETTINGS, "weights", Stamp.of(source))
    older = json.loads(plain.to_line())
    del older["mask"]  # as versions without masks wrote it
    kept = Entry.from_line(json.dumps(older))
    assert kept == plain and kept.same_inputs(source, None) and not kept.same_inputs(source, mask)


def test_the_line_that_fits_the_file_counts(tmp_path: Path) -> None:
    """A process killed between line and rename leaves the old file under a newer line."""
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(b"photo")
    record(Ledger(), target, b"old", source, scale=2)
    entry = Entry(target.name, "in.jpg", Stamp.of(source), SETTINGS, "weights", Stamp(3, 1, 0, "never renamed"))
    Ledger().add(tmp_path, entry)
    origin = Ledger().origin(target)
    assert origin and origin.settings["scale"] == 2


def test_a_line_cut_off_by_a_kill_spoils_no_other(tmp_path: Path) -> None:
    source, first, second = tmp_path / "in.jpg", tmp_path / "1.jpg", tmp_path / "2.jpg"
    source.write_bytes(b"photo")
    record(Ledger(), first, b"1", source)
    with (tmp_path / f"{NAME}.jsonl").open("a") as file:
        file.write('{"target": "x.jpg", "inp')
    record(Ledger(), second, b"2", source)
    assert Ledger().origin(first) and Ledger().origin(second)


def test_shards_write_apart_and_are_read_together(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jpg", tmp_path / "out.jpg"
    source.write_bytes(b"photo")
    record(Ledger("2-of-8"), target, b"result", source)
    assert [path.name for path in tmp_path.glob(f"{NAME}*")] == [f"{NAME}.2-of-8.jsonl"]
    assert Ledger("1-of-8").origin(target) and Ledger().origin(target)


HOSTILE = {
    "a list": "[]",
    "null": "null",
    "a number": "7",
    "deep": "[" * 100_000,
    "deep objects": '{"input":' * 50_000,
    "wrong types": '{"target": 1, "source": [], "input": 3, "settings": null, "weights": {}, "result": []}',
    "stamps of text": '{"target": "1.jpg", "source": "s", "input": {"size": "a", "modified": 1, "changed": 1, '
    '"sha256": "x"}, "settings": {}, "weights": "w", "result": null}',
    "a huge number": '{"target": ' + "9" * 10_000 + "}",
    "another version": '{"target": "1.jpg", "colour": "x"}',
    "NUL": "\0\0\0",
    "longer than any line": '"' + "x" * (LONGEST_LINE + 10) + '"',
    "not UTF-8": "\udcff\udcfe",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_one_bad_line_never_refuses_a_folder(kind: str, tmp_path: Path) -> None:
    source, first, second = tmp_path / "in.jpg", tmp_path / "1.jpg", tmp_path / "2.jpg"
    source.write_bytes(b"photo")
    record(Ledger(), first, b"1", source)
    with (tmp_path / f"{NAME}.jsonl").open("ab") as file:
        file.write(os.fsencode(HOSTILE[kind]) + b"\n")
    record(Ledger(), second, b"2", source)
    started = time.monotonic()
    assert Ledger().origin(first) and Ledger().origin(second)
    assert time.monotonic() - started < 5


def test_a_stamp_of_numbers_that_no_file_has_is_no_line() -> None:
    line = json.loads(Entry("t", "s", Stamp(1, 2, 3, "x"), {}, "w", Stamp(1, 2, 3, "x")).to_line())
    assert Entry.from_line(json.dumps(line))
    line["result"]["size"] = 10**400
    assert Entry.from_line(json.dumps(line)) is None
    line["result"]["size"] = True
    assert Entry.from_line(json.dumps(line)) is None


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_a_manifest_that_is_no_file_is_refused_in_a_line(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.jsonl"
    if kind == "link":
        (tmp_path / "rc").write_text("mine")
        path.symlink_to(tmp_path / "rc")
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    (tmp_path / "1.jpg").write_bytes(b"1")
    for ask in (lambda: Ledger().origin(tmp_path / "1.jpg"), lambda: Ledger().check(tmp_path)):
        with pytest.raises(PlanError, match=r"jsonl: is a"):
            ask()


def test_what_another_call_adds_is_seen_when_asked_for(tmp_path: Path) -> None:
    source, first, second = tmp_path / "in.jpg", tmp_path / "1.jpg", tmp_path / "2.jpg"
    source.write_bytes(b"photo")
    mine, other = Ledger(), Ledger()
    assert mine.origin(first, fresh=True) is None
    record(other, first, b"1", source)
    assert mine.origin(first) is None and mine.origin(first, fresh=True)
    record(other, second, b"2", source)
    assert mine.origin(second, fresh=True) and mine.origin(first)


def test_a_name_that_is_no_utf8_keeps_its_line(tmp_path: Path) -> None:
    entry = Entry(
        os.fsdecode(b"caf\xe9.jpg"), os.fsdecode(b"in/caf\xe9.jpg"), Stamp(1, 2, 3, "x"), {}, "w", Stamp(1, 2, 3, "x")
    )
    assert Entry.from_line(entry.to_line()) == entry
