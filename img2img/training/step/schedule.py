"""The learning rate and the seed as functions of the step alone, so that a resumed run cannot differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from img2img.config.sections.run import Phase, Schedule


def rate_factor(
    schedule: Schedule,
    step: int,
    total: int,
    decay_from: float,
    restarts: int = 0,
    growth: float = 1.0,
    *,
    every: int | None = None,
    drop: float = 0.1,
) -> float:
    """Factor on the learning rate at a step counted from 0: 1 at first; towards 0 at `total`.

    linear: 1 until decay_from * total, then a straight line (arXiv:1703.10593, section 4). cosine: half a period.
    step: 1 until decay_from * total, then `drop` (arXiv:1609.04802, section 3.2); with `every`, steps, times `drop`
    after each stretch of so many (arXiv:1804.04732, appendix B). restarts: half a period, and as many more, each
    `growth` times as long as the one before (arXiv:1608.03983, equation 5). plateau: 1, and `Plateau` has the rest.
    """
    done = min(step / total, 1.0)
    if schedule in ("constant", "plateau"):
        return 1.0
    if schedule == "restarts":
        done = _since_restart(done, restarts, growth)
    if schedule in ("cosine", "restarts"):
        return 0.5 * (1 + math.cos(math.pi * done))
    if schedule == "step" and every:
        return float(drop ** (step // every))
    if done < decay_from:
        return 1.0
    return drop if schedule == "step" else (1 - done) / max(1 - decay_from, 1e-9)


def _since_restart(done: float, restarts: int, growth: float) -> float:
    """How much of the stretch that it lies in is done at this share of the whole, both in [0, 1]."""
    lengths = [growth**number for number in range(restarts + 1)]
    whole, begun = math.fsum(lengths), 0.0
    for length in lengths[:-1]:
        # A hair's breadth: the step at which a stretch ends belongs to the next, whatever rounding makes of it.
        if done * whole < begun + length - 1e-9 * whole:
            return (done * whole - begun) / length
        begun += length
    return min((done * whole - begun) / lengths[-1], 1.0)


def phase_at(phases: Sequence[Phase], step: int) -> Phase:
    """The phase that a step counted from 0 belongs to; after the last one has ended, still the last."""
    return next((phase for phase in phases if step < phase.first + phase.length), phases[-1])


def seed_noise(seed: int, rank: int, step: int, draw: int = 0) -> None:
    """Seeds torch's global generators for one draw of one step: all noise depends on (seed, rank, step) only.

    Building a DataLoader iterator also draws from the global generator; seeding each step makes that harmless.
    """
    mixed = 0
    for part in (seed, rank, step, draw):
        mixed = _mix(mixed ^ _mix(part + 0x9E3779B97F4A7C15))
    torch.manual_seed(mixed >> 1)


def _mix(value: int) -> int:
    """SplitMix64's finaliser: neighbouring inputs, unrelated outputs."""
    value &= 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return value ^ (value >> 31)
