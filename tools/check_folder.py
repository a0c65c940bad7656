"""Is a folder of photos of every kind enlarged with nothing lost and nothing done twice, killed again and again?

    python tools/check_folder.py                                # 200 photos, about two minutes
    python tools/check_folder.py --seed 7 --beside --kills 9 --model runs/sharp

Makes the photos, some of them broken, from the seed; calls `img2img upscale --json` on them, kills it with SIGKILL at
random moments and once with Ctrl-C, and goes on each time with the same call. Then it looks at every result and
manifest. A line for each fault, exit code 1, and the folder stays to be looked at.
"""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from photos_of_every_kind import MAKE, ORIENTATION, WRITTEN, Truth, make_photos, swapped
from PIL import Image

SCALE = 4
SPARE_LINES = 4  # of manifests for each kill: results that the writers had finished and not yet renamed


@dataclass
class Call:
    """One call of the command: its exit code as a shell has it, its JSON lines, what it said on stderr."""

    code: int
    reports: list[dict[str, Any]]
    said: str

    def paths(self, state: str, key: str = "target") -> set[Path]:
        """The results of a state, or their sources."""
        return {Path(report[key]) for report in self.reports if report["state"] == state}


@dataclass
class Check:
    """A folder of photos and what became of it. results: {path: what would tell that it was written again}."""

    sources: dict[Path, Truth]
    place: Path
    command: list[str]
    kills: int
    hashes: dict[Path, str] = field(default_factory=dict)
    results: dict[Path, tuple[int, int]] = field(default_factory=dict)
    faults: int = 0

    def expect(self, holds: bool, otherwise: str) -> None:
        """Tell a fault."""
        if not holds:
            self.faults += 1
            print(f"FAULT {otherwise}", file=sys.stderr, flush=True)

    @property
    def good(self) -> set[Path]:
        """The photos that are not broken."""
        return {path for path, truth in self.sources.items() if truth.pixels is not None}

    def files(self) -> dict[Path, tuple[int, int]]:
        """Everything where results lie but the sources."""
        found = (path for path in self.place.rglob("*") if path not in self.sources and path.is_file())
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}

    def drafts(self) -> list[Path]:
        """Files that are not finished."""
        return list(self.place.rglob(".img2img-*.tmp"))


def main(
    seed: Annotated[int, typer.Option(help="Of the photos, their names, and the moments of the kills.")] = 0,
    photos: Annotated[int, typer.Option(help="How many.")] = 200,
    kills: Annotated[int, typer.Option(min=1, help="How many times the command is killed.")] = 4,
    beside: Annotated[bool, typer.Option("--beside", help="Results beside their sources, not in a folder.")] = False,
    model: Annotated[str, typer.Option(help="A name, a file or a run that enlarges four times.")] = "light-x4",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
) -> None:
    """Enlarge a folder of photos of every kind, killing and going on, and look at every result."""
    started = time.perf_counter()
    root = Path(tempfile.mkdtemp(prefix="check-folder-")).resolve()
    place = root / ("in" if beside else "out")
    rng = np.random.default_rng(seed)
    command = [sys.executable, "-m", "img2img", "upscale", str(root / "in"), "--json", "--model", model]
    command += ["--device", device, *([] if beside else ["-o", str(place)])]
    check = Check(make_photos(root / "in", photos, rng), place, command, kills)
    check.hashes = {path: _sha256(path) for path in check.sources if path.exists()}
    stops = go_on_after_stops(check, rng)
    last = run_to_the_end(check)
    look_at_results(check, last)
    good = len(check.good)
    print(
        f"seed {seed}: {photos} photos, {good} good, {photos - good} broken; {len(check.results)} results, made "
        f"by calls of {stops}; {check.faults} faults; {time.perf_counter() - started:.0f} s"
    )
    if check.faults:
        print(f"left to be looked at: {root}", file=sys.stderr)
        raise typer.Exit(1)
    rmtree(root)


def go_on_after_stops(check: Check, rng: np.random.Generator) -> str:
    """Calls that are stopped: killed as they start, in the middle of a file, and anywhere; once by Ctrl-C."""
    stops = [(signal.SIGKILL, ("start", "draft", "any")[min(number, 1 + number % 2)]) for number in range(check.kills)]
    stops.insert(int(rng.integers(1, check.kills + 1)), (signal.SIGINT, "any"))
    told = []
    for number, (stop, when) in enumerate(stops):
        share = (len(check.good) - len(check.results)) // (len(stops) + 1 - number)
        after = 0 if when == "start" else int(rng.integers(1, max(2, share)))
        before = len(check.results)
        delay = None if when == "draft" else rng.uniform(0, 3 if when == "start" else 0.5)
        call = run(check, stop, after, delay)
        check.expect(call.code == 128 + stop, f"exit code {call.code} after {stop.name}:\n{call.said}")
        check.expect("Traceback" not in call.said, f"a trace after {stop.name}:\n{call.said}")
        left = check.drafts()
        look_at_files(check, call)
        if stop == signal.SIGINT:
            check.expect(not left, f"drafts left by Ctrl-C: {left}")
            check.expect("the same call goes on" in call.said, f"not said that it was interrupted:\n{call.said}")
        if when == "draft":
            check.expect(bool(left), "killed in the middle of a file, and no draft there")
        told.append(f"{len(check.results) - before} ({128 + stop}{f', {len(left)} half written' if left else ''})")
    return ", ".join(told)


def run_to_the_end(check: Check) -> Call:
    """The call that ends by itself, and then one that has nothing left to do, which is given back."""
    call = run(check)
    look_at_files(check, call)
    check.expect(call.code == 1, f"exit code {call.code} at the end:\n{call.said}")
    check.expect(not check.drafts(), f"drafts left: {check.drafts()}")
    everything = check.files()
    last = run(check)
    check.expect(last.code == 1, f"exit code {last.code} of the last call:\n{last.said}")
    check.expect(last.paths("skipped") == set(check.results), "the last call does not skip all that is there")
    check.expect(check.files() == everything, "the last call changed files")
    for ended in (call, last):
        told = Counter(Path(report["source"]) for report in ended.reports)
        check.expect(told == Counter([*check.sources]), f"not one line a photo: {told}")
        look_at_failures(check, ended)
    return last


def look_at_failures(check: Check, call: Call) -> None:
    """Each broken photo, and no other, is named in a line of stderr and in the error of its JSON line."""
    broken = set(check.sources) - check.good
    failed = {Path(report["source"]): report["error"] for report in call.reports if report["state"] == "failed"}
    check.expect(set(failed) == broken, f"failed, or not: {set(failed) ^ broken}")
    lines = call.said.splitlines()
    for path in broken:
        named = [line for line in lines if str(path) in line]
        check.expect(len(named) == 1, f"{path}: named in {len(named)} lines: {named}")
        check.expect(failed.get(path, "").count(str(path)) == 1, f"{path}: not named once in {failed.get(path)!r}")
    check.expect(len(lines) == len(broken) + 1, f"{len(lines)} lines for {len(broken)} failures:\n{call.said}")


def run(check: Check, stop: signal.Signals | None = None, after: int = 0, delay: float | None = 0) -> Call:
    """Call the command; stop it `delay` s after so many results, for None as soon after them as a draft is seen."""
    reports: list[dict[str, Any]] = []
    written = 0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(check.command, stdout=subprocess.PIPE, stderr=said, text=True)
        assert process.stdout
        while stop and written < after and (line := process.stdout.readline()):
            reports.append(json.loads(line))
            written += reports[-1]["state"] == "written"
        if stop:
            _catch_at_a_draft(check, process) if delay is None else _wait(process, delay)
            process.send_signal(stop)
            process.send_signal(signal.SIGCONT)
        # a line that a kill has cut off is none
        reports += [json.loads(line) for line in process.stdout if line.endswith("\n")]
        code = process.wait()
        said.seek(0)
        return Call(code if code >= 0 else 128 - code, reports, said.read())


def _wait(process: subprocess.Popen[str], seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        time.sleep(0.001)


def _catch_at_a_draft(check: Check, process: subprocess.Popen[str]) -> None:
    """Hold the command in the middle of writing a file."""
    while process.poll() is None:
        if check.drafts():
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.05)
            if check.drafts():
                return
            process.send_signal(signal.SIGCONT)


def look_at_files(check: Check, call: Call) -> None:
    """After a call: sources as they were, what was there before untouched, what is new whole, what was told true."""
    for path, digest in check.hashes.items():
        check.expect(_sha256(path) == digest, f"{path}: a source was changed")
    now = {path: facts for path, facts in check.files().items() if not path.name.startswith(".")}
    for path, facts in check.results.items():
        check.expect(now.get(path) == facts, f"{path}: finished before, and touched again")
    written = call.paths("written")
    check.expect(written <= set(now), f"told and not there: {written - set(now)}")
    check.expect(not written & set(check.results), f"done twice: {written & set(check.results)}")
    if call.reports:
        check.expect(call.paths("skipped") == set(check.results), "other photos skipped than were done")
    for path in set(now) - set(check.results):
        try:
            Image.open(path).load()
        except Exception as error:
            check.expect(False, f"{path}: not whole: {error}")
    check.results = now


def look_at_results(check: Check, last: Call) -> None:
    """Every good photo has one result, which is what it has to be, and stands in the manifest."""
    targets = {
        Path(report["source"]): Path(report["target"]) for report in last.reports if report["state"] == "skipped"
    }
    check.expect(set(targets) == check.good, f"photos without result: {check.good - set(targets)}")
    check.expect(sorted(targets.values()) == sorted(check.results), "results that are no photo's, or two photos'")
    for source, target in targets.items():
        for line in _differences(check.sources[source], target):
            check.expect(False, f"{source} → {target.name}: {line}")
    entries = {folder: _entries(folder) for folder in {target.parent for target in targets.values()}}
    spare = sum(map(len, entries.values())) - len(targets)
    check.expect(0 <= spare <= SPARE_LINES * check.kills, f"{spare} lines too many in the manifests")
    for source, target in targets.items():
        entry = next((entry for entry in reversed(entries[target.parent]) if entry["target"] == target.name), {})
        same = (
            entry and _sha256(target) == entry["result"]["sha256"] and check.hashes[source] == entry["input"]["sha256"]
        )
        check.expect(bool(same), f"{target}: the manifest says otherwise: {entry}")


def _differences(truth: Truth, target: Path) -> Iterator[str]:
    """What is wrong with one result."""
    assert truth.pixels is not None
    deep = truth.pixels.dtype == np.uint16
    with Image.open(target) as image:
        icc, exif = image.info.get("icc_profile"), image.getexif()
        size, mode, kind = image.size, image.mode, image.format
        samples = _read_deep(target) if deep else np.asarray(image)
    height, width = truth.pixels.shape[:2]
    if target.suffix != f".{truth.suffix}" or kind != WRITTEN[truth.suffix.lower()]:
        yield f"a {kind} named {target.suffix}, not .{truth.suffix}"
    if size != (width * SCALE, height * SCALE):
        yield f"{size}, not {SCALE} times {(width, height)}"
        return
    if not deep and mode != truth.mode:
        yield f"mode {mode}, not {truth.mode}"
        return
    if deep and len(np.unique(samples & 255)) < min(200, samples.size // 4):
        yield "16 bits without the lower 8"
    if icc != truth.icc:
        yield f"another profile, or none: {icc and icc[:24]!r}"
    if (exif.get(MAKE), exif.get(ORIENTATION, 1)) != (truth.make, 1):
        yield f"EXIF: {dict(exif)}"
    off = _distance(samples, truth.pixels)
    if off > truth.near:
        yield f"{off:.1f} levels off in the mean"


def _read_deep(path: Path) -> np.ndarray:
    found = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None and found.dtype == np.uint16, f"{path}: not 16 bits"
    return swapped(np.atleast_3d(found))


def _distance(high: np.ndarray, low: np.ndarray) -> float:
    """Mean distance, in levels of 255, of a result scaled down and its source where that is opaque."""
    height, width = low.shape[:2]
    parts = np.atleast_3d(high).astype(float).reshape(height, SCALE, width, SCALE, -1)
    off = np.abs(parts.mean((1, 3)) - np.atleast_3d(low)) / np.iinfo(low.dtype).max * 255
    if off.shape[2] in (2, 4):
        off[..., :-1] *= np.atleast_3d(low)[..., -1:] == np.iinfo(low.dtype).max
    return float(off.mean((0, 1)).max())


def _entries(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / ".img2img-manifest.jsonl").read_text().splitlines()]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    typer.run(main)
