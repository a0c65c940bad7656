"""What stands in the header of a weights file: the model card, names and shapes; read in a moment, without torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from safetensors import SafetensorError, safe_open

from img2img.config.card import METADATA_KEY, ModelCard
from img2img.disk.regular import require_regular
from img2img.disk.structure import in_words, parsed
from img2img.disk.utf8_path import utf8_path

from .errors import WeightsError, no_safetensors

NEWEST_FORMAT = 1
"""The newest card format that this program reads."""


def read_card(path: Path) -> ModelCard:
    """The model card in a weights file's header; reads no weights. Raises WeightsError where there is none."""
    with opened(path, "np") as file:
        return card_in(file.metadata() or {}, path)


def count_parameters(path: Path) -> int:
    """How many numbers the file's tensors have; reads no weights. Raises WeightsError."""
    with opened(path, "np") as file:
        return sum(prod(file.get_slice(key).get_shape()) for key in file.keys())  # noqa: SIM118 (no mapping)


@contextmanager
def opened(path: Path, framework: Literal["np", "pt"]) -> Iterator[Any]:
    """The file as safetensors opens it; its header is read by "np", which imports no torch. Raises WeightsError."""
    try:
        require_regular(path)
        with utf8_path(path) as named, safe_open(named, framework) as file:
            yield file
    except SafetensorError as error:
        from img2img.networks.tensor_files import starts_as_pickle  # torch: only where it went wrong

        if starts_as_pickle(path):
            hint = f"a pickle, which may hold code; import it with: img2img weights import {path}"
            raise WeightsError(f"{path}: {hint}") from error
        raise no_safetensors(path, error) from error
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such file") from None
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror or error}") from error


def card_in(metadata: Mapping[str, str], path: Path) -> ModelCard:
    """The card in the metadata of a file's header. Raises WeightsError where there is none, or no valid one."""
    if METADATA_KEY not in metadata:
        raise WeightsError(f"{path}: has no model card; only files that img2img wrote can be used")
    try:
        content = parsed(metadata[METADATA_KEY])
        written_as = content.get("format") if isinstance(content, dict) else None
        if isinstance(written_as, int) and written_as > NEWEST_FORMAT:
            raise WeightsError(
                f"{path}: format {written_as} is newer than this img2img, which reads up to {NEWEST_FORMAT}; update it"
            )
        return ModelCard.model_validate(content)
    except ValidationError as error:
        raise WeightsError(f"{path}: its model card is not valid: {in_words(error)}") from error
    except ValueError as error:
        raise WeightsError(f"{path}: its model card is not JSON: {error}") from error
    except RecursionError:
        raise WeightsError(f"{path}: its model card is not valid: nested too deeply") from None
