"""The OpenAPI document of the commands over HTTP, made of the configs that check their options."""

from __future__ import annotations

from typing import Any

from img2img import __version__
from img2img.config.base import flag, sections
from img2img.studio.asked import CONFIGS, NOT_ASKED

_ERRORS = {
    "401": "no token, or a wrong one",
    "413": "the file is too long, or the photo has too many pixels",
    "415": "no multipart/form-data, or a file that is no picture that is read",
    "422": "an option, or a photo that cannot be converted so",
    "503": "too many jobs are waiting",
}
_SAID = {
    "upscale": "Enlarge a photo.",
    "inpaint": "Fill a hole: that of the mask, of shapes, or of both.",
    "translate": "Convert a photo from one domain to another.",
}


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    health = {"get": {"summary": "Whether the server answers.", "security": [], "responses": {"200": _json("state")}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "img2img studio", "version": __version__},
        "security": [{"token": []}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": {**{f"/{task}": {"post": _operation(task)} for task in CONFIGS}, "/health": health},
    }


def _operation(task: str) -> dict[str, Any]:
    properties = _properties(task)
    needed = [name for name, schema in properties.items() if schema.pop("required", False)]
    wanted = {"type": "object", "properties": properties, "required": ["photo", *needed], "additionalProperties": False}
    errors = {status: {"description": words, "content": _error()} for status, words in _ERRORS.items()}
    result = {"description": "The result, in the photo's format or the one asked for.", "content": {"image/*": {}}}
    return {
        "summary": _SAID[task],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": wanted}}},
        "responses": {"200": result, **errors},
    }


def _properties(task: str) -> dict[str, Any]:
    """The fields of a form: files, and options as the command names them."""
    file = {"type": "string", "format": "binary"}
    found: dict[str, Any] = {"photo": {**file, "description": "The photo's file."}}
    if task == "inpaint":
        told = "The mask's file; or the word alpha, for what is transparent."
        found["mask"] = {"oneOf": [file, {"const": "alpha"}], "description": told}
    for section in sections(CONFIGS[task]).values():
        schema = section.model_json_schema(by_alias=False)
        for name, field in section.model_fields.items():
            if name in NOT_ASKED:
                continue
            said = dict(schema["properties"][name])
            said.pop("title", None)
            said["description"] = " ".join((field.description or "").split())
            found[flag(name, field).removeprefix("--")] = {**said, "required": field.is_required()}
    return found


def _error() -> dict[str, Any]:
    return {
        "application/json": {
            "schema": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
        }
    }


def _json(words: str) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {}}}
