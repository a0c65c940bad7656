"""Which results are ours, and what they came from."""

from __future__ import annotations

import json
import os
from pathlib import Path

from img2img.apply.batch.manifest import NAME, Entry, Ledger, Stamp

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
