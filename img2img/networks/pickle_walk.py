"""What reading a pickle would take, found by walking through its instructions without following any of them.

torch's restricted unpickler runs no code of the file's, but it makes, copies and hashes what it is told to. A few
hundred bytes can name a tuple of tuples of the same tuple, whose hash takes years, or a list to be copied a million
times. Here each thing weighs what it unfolds to.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterable
from typing import IO

KEY, HANDLE, DEEPEST = 1_000, 50, 100
"""What the key of a dictionary and the name of a storage may weigh, and how deep tuples may lie in each other."""
PER_INSTRUCTION, ALLOWANCE = 16, 2**21
"""What all arguments of calls may weigh together: so much for each instruction, and so much beyond that."""
_MAKERS = ("builtins.bytearray", "__builtin__.bytearray", "_codecs.encode", "codecs.encode", "torch.Tensor")
"""Calls that torch allows, that no state_dict needs, and that fill memory by a number or compute by a text."""


class TooMuch(ValueError):
    """Reading this pickle would take far more than the file is long; its text says what does."""


class _Thing:
    """Something on the unpickler's stack: what it weighs, how deep its tuples lie, what it is made of."""

    __slots__ = ("deep", "parts", "text", "weight")

    def __init__(self, weight: int = 1, deep: int = 0, text: str = "", parts: tuple[_Thing, ...] = ()) -> None:
        self.weight, self.deep, self.text, self.parts = weight, deep, text, parts


def require_light(pickle: IO[bytes]) -> None:
    """Walks from where the file stands to the pickle's end. Raises TooMuch; ValueError where it is no pickle."""
    stack: list[_Thing] = []
    marks: list[int] = []
    memo: dict[int, _Thing] = {}
    charged = steps = 0
    for instruction, argument, _ in pickletools.genops(pickle):
        steps += 1
        name = instruction.name
        if name == "GLOBAL":
            _require_no_maker(str(argument))
        if name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            memo[len(memo) if name == "MEMOIZE" else int(argument or 0)] = stack[-1]
            continue
        if name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[int(argument or 0)])
            continue
        taken = _taken(instruction, stack, marks)
        charged += _charge(name, taken)
        if charged > PER_INSTRUCTION * steps + ALLOWANCE:
            raise TooMuch("asks for the same things again and again")
        stack += _left(instruction, argument, taken)


def _taken(instruction: pickletools.OpcodeInfo, stack: list[_Thing], marks: list[int]) -> list[_Thing]:
    """Takes off the stack what the instruction works on, the lowest first."""
    if instruction.name == "MARK":
        marks.append(len(stack))
        return []
    count = len(instruction.stack_before)
    if pickletools.markobject in instruction.stack_before:
        start = marks.pop() - instruction.stack_before.index(pickletools.markobject)
    else:
        start = len(stack) - count
    if start < 0:
        raise ValueError("takes more than there is")
    taken = stack[start:]
    del stack[start:]
    return taken


def _charge(name: str, taken: list[_Thing]) -> int:
    """What an instruction costs beyond itself."""
    if name in ("SETITEM", "SETITEMS"):
        keys = taken[1::2]
        if any(key.weight > KEY for key in keys):
            raise TooMuch("has a key that unfolds to far more than its length")
        return _weights(keys)
    if name == "BINPERSID":
        _require_plain(taken[0])
    return _weights(taken[1:]) if name in ("REDUCE", "NEWOBJ", "BUILD") else 0


def _left(instruction: pickletools.OpcodeInfo, argument: object, taken: list[_Thing]) -> list[_Thing]:
    """What the instruction puts on the stack."""
    name = instruction.name
    if name.startswith("TUPLE"):
        deep = 1 + max((thing.deep for thing in taken), default=0)
        if deep > DEEPEST:
            raise TooMuch(f"has tuples that lie more than {DEEPEST} deep in each other")
        return [_Thing(1 + _weights(taken), deep, parts=tuple(taken))]
    if name in ("APPEND", "APPENDS", "SETITEM", "SETITEMS"):
        whole = taken[0]
        whole.weight += _weights(taken[1:])
        whole.deep = max(thing.deep for thing in taken)
        return [whole]
    text = argument if isinstance(argument, str) else ""
    return [_Thing(text=text) for _ in instruction.stack_after if instruction.name != "MARK"]


def _weights(things: Iterable[_Thing]) -> int:
    return sum(thing.weight for thing in things)


def _require_no_maker(called: str) -> None:
    name = called.replace(" ", ".")
    if name in _MAKERS or (name.startswith("torch.") and name.endswith("Tensor") and "._" not in name):
        raise TooMuch(f"asks for empty memory or a computation ({name}), which no state_dict needs")


def _require_plain(handle: _Thing) -> None:
    """torch names a storage by ("storage", type, digits, device, length): each name stands for one part of the file.
    Other names of the same part, as with other letters' case, would load it once each."""
    if handle.weight > HANDLE or len(handle.parts) < 3 or not handle.parts[2].text.isdigit():
        raise TooMuch("names its tensors' numbers in no way that torch.save does")
