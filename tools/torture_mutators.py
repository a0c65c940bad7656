"""What is done to a whole file: each takes its bytes and a generator of random numbers, and gives other bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Mutator = Callable[[bytes, np.random.Generator], bytes]


def truncated(data: bytes, rng: np.random.Generator) -> bytes:
    """Cut anywhere."""
    return data[: int(rng.integers(len(data)))]


def zero_block(data: bytes, rng: np.random.Generator) -> bytes:
    """A block of a disk that was never written, in the file's middle or later."""
    start = int(rng.integers(len(data) // 3, len(data)))
    length = min(int(rng.integers(64, 1024)), len(data) - start)
    return data[:start] + bytes(length) + data[start + length :]


def zero_tail(data: bytes, rng: np.random.Generator) -> bytes:
    """As a computer leaves it that lost its power: the right length, the rest zeros."""
    start = int(rng.integers(len(data) // 4, len(data)))
    return data[:start] + bytes(len(data) - start)


def bit_flips(data: bytes, rng: np.random.Generator) -> bytes:
    """One to eight single bits, anywhere."""
    broken = np.frombuffer(data, np.uint8).copy()
    places = rng.integers(0, len(broken), int(rng.integers(1, 9)))
    broken[places] ^= (1 << rng.integers(0, 8, len(places))).astype(np.uint8)
    return broken.tobytes()


def wrong_header(data: bytes, rng: np.random.Generator) -> bytes:
    """One to four bytes of the first 400 are others."""
    broken = np.frombuffer(data, np.uint8).copy()
    places = rng.integers(0, min(400, len(broken)), int(rng.integers(1, 5)))
    broken[places] = rng.integers(0, 256, len(places))
    return broken.tobytes()


def large_numbers(data: bytes, rng: np.random.Generator) -> bytes:
    """Two or four bytes of the first 400 become the largest number there is."""
    start, length = int(rng.integers(0, min(400, len(data)))), int(rng.choice([2, 4]))
    return data[:start] + b"\xff" * length + data[start + length :]


def swapped_parts(data: bytes, rng: np.random.Generator) -> bytes:
    """Two parts change places."""
    one, two, three = sorted(int(place) for place in rng.integers(0, len(data) + 1, 3))
    return data[:one] + data[two:three] + data[one:two] + data[three:]


def doubled(data: bytes, rng: np.random.Generator) -> bytes:
    """Something behind the end: the file once more, or noise."""
    return data + (data if rng.random() < 0.5 else rng.bytes(10_000))


MUTATORS: Mapping[str, Mutator] = {
    "truncated": truncated,
    "zero-block": zero_block,
    "zero-tail": zero_tail,
    "bit-flips": bit_flips,
    "wrong-header": wrong_header,
    "large-numbers": large_numbers,
    "swapped-parts": swapped_parts,
    "doubled": doubled,
}
