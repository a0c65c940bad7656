"""Weights of ours: their tensors, their model card, the header that holds it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torture import Answer, Subject, or_refused
from torture_makings import inpainter, smooth, translator, upscaler
from torture_mutators import MUTATORS
from torture_structures import odd_json
from typer.testing import CliRunner

from img2img.apply.converter import Converter
from img2img.apply.engine.forward import NotFiniteError, WrongShapeError
from img2img.apply.inpaint.masking import Masking
from img2img.apply.models import open_inpainter, open_model, open_upscaler
from img2img.cli.weights import app
from img2img.config.card import METADATA_KEY
from img2img.weights import WeightsError
from img2img.weights.files import count_parameters, load, read_card

_CPU = torch.device("cpu")


def weights() -> Subject:
    """For each task; nothing in the file is a checksum, so that other numbers are another network."""
    whole = {"up.safetensors": upscaler(), "way.safetensors": translator(), "hole.safetensors": inpainter()}
    mutators = {**MUTATORS, "odd-card": odd_card, "odd-header": odd_header, "odd-numbers": odd_numbers}
    return Subject(whole, _ask, mutators)


def odd_card(data: bytes, rng: np.random.Generator) -> bytes:
    """One place of the model card is what nobody expects there."""
    return with_metadata(data, METADATA_KEY, lambda text: odd_json(text, rng))


def odd_header(data: bytes, rng: np.random.Generator) -> bytes:
    """The same of the file's own header: names, types, shapes and places of the tensors."""
    header, rest = parts(data)
    return joined(odd_json(header, rng).encode(errors="surrogatepass"), rest)


def odd_numbers(data: bytes, rng: np.random.Generator) -> bytes:
    """Some of the weights are infinite, no number, or huge."""
    header, rest = parts(data)
    numbers = np.frombuffer(rest, np.float32).copy()
    places = rng.integers(0, len(numbers), int(rng.integers(1, 50)))
    numbers[places] = rng.choice([np.inf, -np.inf, np.nan, 1e38, -1e20])
    return joined(header, numbers.tobytes())


def parts(data: bytes) -> tuple[bytes, bytes]:
    """A safetensors file's header, and the rest."""
    end = 8 + int.from_bytes(data[:8], "little")
    return data[8:end], data[end:]


def joined(header: bytes, rest: bytes) -> bytes:
    """What `parts` took apart."""
    return len(header).to_bytes(8, "little") + header + rest


def with_metadata(data: bytes, key: str, change: Callable[[str], str], more: Mapping[str, str] | None = None) -> bytes:
    """The file with one text of its metadata changed, and `more` set."""
    header, rest = parts(data)
    content = json.loads(header)
    content["__metadata__"] |= {key: change(content["__metadata__"][key]), **(more or {})}
    return joined(json.dumps(content).encode(), rest)


def _ask(path: Path, whole: bytes, mutator: str) -> Answer:
    card, count = or_refused(lambda: read_card(path), path), or_refused(lambda: count_parameters(path), path)
    shown = CliRunner().invoke(app, ["info", str(path)])
    if shown.exception and not isinstance(shown.exception, SystemExit):
        or_refused(lambda: _raised(shown.exception), path)
    if any(not letter.isprintable() and letter != "\n" for letter in shown.output):
        raise AssertionError(f"weights info prints {shown.output!r:.300}")
    if or_refused(lambda: load(path), path) is not None and (card is None or not count):
        raise AssertionError("loaded, but its card is not read, or its numbers not counted")
    seen = or_refused(lambda: named(path, _applied), path)
    if seen is None:
        return "refused"
    before = path.with_name("whole.safetensors")
    before.write_bytes(whole)
    return "unharmed" if np.array_equal(seen, _applied(before, path.name)) else "changed"


def named(path: Path, apply: Callable[[Path], np.ndarray]) -> np.ndarray:
    """The result. Raises UserError, naming the file also where the picture's name would be said, which has none."""
    try:
        return apply(path)
    except (NotFiniteError, WrongShapeError) as error:
        raise WeightsError(f"{path}: {error}") from error


def _raised(error: Any) -> None:
    raise error


def _applied(path: Path, name: str = "") -> np.ndarray:
    """A picture of 18 x 22 px through the network. name: of the file, where that is not the path's."""
    photo, kind = smooth(22, 18), (name or path.name).rsplit("-", 1)[-1].split(".")[0]
    if kind == "up":
        return Converter(open_upscaler(str(path), None, device=_CPU))(photo)
    if kind == "way":
        return Converter(open_model(str(path), "translate", to="zebra", device=_CPU))(photo)
    hole = np.zeros((18, 22), bool)
    hole[6:11, 5:12] = True
    return Converter(open_inpainter(str(path), Masking(), method="network", device=_CPU))(photo, mask=hole)
