"""Kills runs and batches at moments drawn from a seed, on small disks too, and checks that nothing is lost or spoilt.

    python tools/check_kills.py --kills 50 --seed 0

A run that is killed again and again and resumed must end with the weights of one that was not; a batch with the same
bytes. Between two kills every file that has its name is whole. Two at once in one folder spoil nothing. Then both meet
a limit on the size of files, and, where this is root, a file system of a few hundred kB: they end in words, and go on
when there is room again.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from img2img.apply.batch.plan import plan
from img2img.apply.batch.run import run_batch
from img2img.apply.models import open_upscaler
from img2img.config.base import UserError
from img2img.config.card import ModelCard, NetworkCard
from img2img.config.networks.upscalers import LightSRSpec
from img2img.networks import build
from img2img.training.call import kind_of, train_by_options
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.training.folder.logs import read_log
from img2img.weights.files import load, save

STEPS, PHOTOS = 6, 8
DONE, IN_WORDS, BUG = 0, 1, 3
"""How a child ends: at its end, with an error of one line, with any other."""
LIMITS = (3_000, 20_000, 60_000)
"""Bytes that a file may have: less than a log or a manifest, than weights, than a checkpoint."""
LONGEST = 300.0
"""Seconds that a child may take: hundreds of times what it needs, as others may use the machine, too."""


class Broken(Exception):
    """What must not happen."""


@dataclass(frozen=True)
class Work:
    """Something that can be killed and begun again in a folder.

    begin: does it, or goes on with it; check: raises where a file that has its name is not whole; same: whether two
    folders hold the same.
    """

    name: str
    begin: Callable[[Path], None]
    check: Callable[[Path], None]
    same: Callable[[Path, Path], bool]


def in_child(work: Callable[[], None], after: float, limit: int | None = None) -> int | None:
    """Does it in a child, which is killed after so many seconds: then None, else how it ended.

    limit: bytes that a file may have.
    """
    return end_of(begun(work, limit), after)


def begun(work: Callable[[], None], limit: int | None = None) -> int:
    """A child that does it."""
    child = os.fork()
    if not child:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os._exit(_quietly(work, limit))
    return child


def end_of(child: int, after: float) -> int | None:
    """As `in_child`."""
    deadline = time.monotonic() + after
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _quietly(work: Callable[[], None], limit: int | None) -> int:
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    try:
        work()
    except (UserError, OSError):
        return IN_WORDS
    except BaseException:
        return BUG
    return DONE


def killed_again_and_again(work: Work, root: Path, kills: int, seed: int) -> int:
    """Kills it so often, and raises Broken where something is lost; returns how often it came to its end."""
    whole, chance = root / "whole", random.Random(seed)
    work.begin(root / "first")  # here, so that no child has to import what it takes
    started = time.monotonic()
    if in_child(lambda: work.begin(whole), LONGEST) != DONE:
        raise Broken(f"{work.name}: does not come to its end")
    lasts = time.monotonic() - started
    ends, done = 0, 0
    while done < kills:
        out = root / f"out-{ends}"
        ended = in_child(lambda out=out: work.begin(out), chance.uniform(0.1, 1.0) * lasts)  # type: ignore[misc]
        done += ended is None
        if ended not in (None, DONE):
            raise Broken(f"{work.name}: ended with {ended} after {done} kills")
        work.check(out)
        if ended == DONE:
            _compare(work, out, whole)
            ends += 1
            if ends > 4 * kills + 4:
                raise Broken(f"{work.name}: ends before it can be killed")
    out = root / f"out-{ends}"
    if in_child(lambda: work.begin(out), LONGEST) != DONE:
        raise Broken(f"{work.name}: does not go on after the last kill")
    _compare(work, out, whole)
    return ends + 1


def two_at_once(work: Work, root: Path, times: int, seed: int) -> Counter[str]:
    """Begins it twice in one folder, now and then kills one of them, and goes on; returns how the calls ended."""
    chance, ends = random.Random(seed), Counter[str]()
    for number in range(times):
        out, kills = root / f"two-{number}", number % 2 == 1
        first, second = begun(lambda out=out: work.begin(out)), begun(lambda out=out: work.begin(out))  # type: ignore[misc]
        if kills:
            end_of(first, chance.uniform(0, 0.5))
        codes = [end_of(child, LONGEST) for child in ((second,) if kills else (first, second))]
        if not set(codes) <= {DONE, IN_WORDS} or (not kills and DONE not in codes):
            raise Broken(f"{work.name}: two at once in {out} ended with {codes}")
        ends.update("to the end" if code == DONE else "in words" for code in codes)
        work.check(out)
        if in_child(lambda out=out: work.begin(out), LONGEST) not in (DONE, IN_WORDS):  # type: ignore[misc]
            raise Broken(f"{work.name}: does not go on after two at once")
        _compare(work, out, root / "whole")
    return ends


def without_room(work: Work, root: Path, place: Path, limit: int | None) -> None:
    """Begins it where there is too little room, which must end in words, and goes on where there is enough."""
    out = place / f"tight-{limit}"
    ended = in_child(lambda: work.begin(out), LONGEST, limit)
    if ended not in (DONE, IN_WORDS):
        raise Broken(f"{work.name}: with files of at most {limit} bytes it ended with {ended}")
    if out.exists():
        work.check(out)
    if place == root:
        if in_child(lambda: work.begin(out), LONGEST) != DONE:
            raise Broken(f"{work.name}: does not go on when there is room again")
        _compare(work, out, root / "whole")


def _compare(work: Work, out: Path, whole: Path) -> None:
    work.check(out)
    if not work.same(out, whole):
        raise Broken(f"{work.name}: {out} is not what it is without kills")


def training(photos: Path) -> Work:
    """A run of a few steps that saves after each."""

    def begin(out: Path) -> None:
        options = {"size": 16, "width": 4, "blocks": 1, "critic_width": 4, "critic_layers": 1, "perceptual": 0.0}
        often = {"save_every": 1, "sample_every": 2, "log_every": 1, "samples": 1, "tensorboard": False}
        resume = {"resume": True} if (out / "checkpoint.safetensors").exists() else {}
        data = {"images": photos, "workers": 0, "generator": "light", "critic": "patch", "device": "cpu", "scale": 2}
        train_by_options("srgan", {"out": out, "steps": STEPS, **data, **options, **often, **resume})

    def check(out: Path) -> None:
        if (out / "checkpoint.safetensors").exists():
            load_checkpoint(out / "checkpoint.safetensors")
        if (out / "weights.safetensors").exists():
            load(out / "weights.safetensors")
        read_log(out / "log.jsonl")
        for sheet in out.glob("samples/*.png"):
            Image.open(sheet).load()

    def same(out: Path, whole: Path) -> bool:
        one, other = (load_file(folder / "weights.safetensors") for folder in (out, whole))
        names = [{sheet.name for sheet in folder.glob("samples/*.png")} for folder in (out, whole)]
        return names[0] == names[1] and all(torch.equal(one[key], other[key]) for key in other)

    return Work("training", begin, check, same)


def batch(photos: Path, weights: Path) -> Work:
    """A folder through a network."""

    def begin(out: Path) -> None:
        model = open_upscaler(str(weights), None, device=torch.device("cpu"))
        failed = [report for report in run_batch(plan([photos], out, model.label), model) if report.state == "failed"]
        if failed:
            raise UserError(failed[0].error)

    def check(out: Path) -> None:
        for result in out.glob("[!.]*"):
            with Image.open(result) as picture:
                picture.load()

    def same(out: Path, whole: Path) -> bool:
        one, other = ({path.name: path.read_bytes() for path in folder.glob("[!.]*")} for folder in (out, whole))
        return one == other and not list(out.glob("*.tmp"))

    return Work("batch", begin, check, same)


def works(root: Path) -> list[Work]:
    """Both, with pictures and weights made on the spot."""
    photos = root / "photos"
    photos.mkdir()
    noise = np.random.default_rng(0)
    for number in range(PHOTOS):
        suffix = (".png", ".jpg")[number % 2]
        Image.fromarray(noise.integers(0, 256, (40, 40, 3), np.uint8)).save(photos / f"{number}{suffix}")
    torch.manual_seed(0)
    spec = LightSRSpec(scale=2, width=6, blocks=1)
    weights = root / "w.safetensors"
    save(weights, {"g": build(spec)}, ModelCard(task="upscale", networks={"g": NetworkCard(spec=spec, scale=2)}))
    return [training(photos), batch(photos, weights)]


@contextmanager
def small_disk(root: Path, kilobytes: int) -> Iterator[Path | None]:
    """A file system of that size, or None where this is not root, or may not mount one."""
    place = root / f"disk-{kilobytes}"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", str(place)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def main() -> None:
    """See the top of the file."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=50, help="of each kind of work")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--only", choices=("training", "batch"), help="one kind of work")
    options.add_argument("--no-disks", action="store_true", help="mount no small file systems")
    given = options.parse_args()
    torch.set_num_threads(1)
    kind_of("srgan")  # imported once, and not by every child
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that disks are unmounted
    with tempfile.TemporaryDirectory() as folder:
        for work in works(Path(folder)):
            if given.only not in (None, work.name):
                continue
            root = Path(folder) / work.name
            root.mkdir()
            ends = killed_again_and_again(work, root, given.kills, given.seed)
            print(f"{work.name}: {given.kills} kills, {ends} times to the end, each as without kills")
            ways = two_at_once(work, root, max(2, given.kills // 5), given.seed)
            told = ", ".join(f"{count} {way}" for way, count in sorted(ways.items()))
            print(f"{work.name}: two at once in one folder, in every second pair one killed: {told}; then as without")
            for limit in LIMITS:
                without_room(work, root, root, limit)
            print(f"{work.name}: files of at most {', '.join(map(str, LIMITS))} bytes: ended in words, then went on")
            for kilobytes in () if given.no_disks else (16, 64, 256):
                with small_disk(root, kilobytes) as place:
                    if place:
                        without_room(work, root, place, None)
                        print(f"{work.name}: a disk of {kilobytes} kB: ended in words, nothing half written")


if __name__ == "__main__":
    try:
        main()
    except Broken as broken:
        sys.exit(f"broken: {broken}")
