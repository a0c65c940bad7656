"""JSON out of files that anybody may have written: whatever is wrong with it is a ValueError of one line."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError


def parsed(text: str | bytes) -> Any:
    """What a JSON text holds. Raises ValueError: no JSON, nested too deeply, a number of thousands of digits."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("no UTF-8") from None
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from None


def validated(kind: TypeAdapter[Any], content: Any) -> Any:
    """The content as this type. Raises ValueError, in one line, naming the first place that does not fit."""
    try:
        return kind.validate_python(content)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValidationError as error:
        raise ValueError(in_words(error)) from None


def in_words(error: ValidationError) -> str:
    """The first fault, in one line of bounded length."""
    fault = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(map(str, fault["loc"]))
    text = f"{where}: {fault['msg']}" if where else str(fault["msg"])
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:200]
