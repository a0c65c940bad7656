"""What goes wrong with weights, said in one line."""

from pathlib import Path

from img2img.config.base import Refusal
from img2img.config.printable import in_short


class WeightsError(Refusal):
    """A weights file that cannot be found, read or written; the message names it and says what would do."""


def no_safetensors(path: Path, error: Exception) -> WeightsError:
    """What to say of a file that is not read as safetensors; of an ONNX file, what to name instead."""
    if path.suffix.lower() == ".onnx":
        return WeightsError(
            f"{path}: an ONNX model, which only train inpaint --teacher takes; "
            "name the .safetensors file, or the run, that it was made from"
        )
    return WeightsError(f"{path}: not a safetensors file, or a broken one ({in_short(error)})")
