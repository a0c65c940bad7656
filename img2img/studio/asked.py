"""From the names and values of a request to the config of a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from img2img.apply.opening import ApplyConfig
from img2img.config.apply import InpaintConfig, TranslateConfig, UpscaleConfig
from img2img.config.base import Overrides, flag, section_of, sections
from img2img.config.toml import resolve

from .faults import Fault
from .offered import require_offered

CONFIGS: dict[str, type[ApplyConfig]] = {
    "upscale": UpscaleConfig,
    "inpaint": InpaintConfig,
    "translate": TranslateConfig,
}
"""Task -> its command's options."""

NOT_ASKED = frozenset(
    {
        "sources",
        "out",
        "on_existing",
        "max_pixels",
        "shard",
        "as_json",
        "report",
        "quiet",
        "mask",
        "device",
        "style_of",
        "strip",
    }
)
"""Options that say where files lie, how much is allowed, or how is told of it: the server's own business."""

Values = Mapping[str, str | float | bool | Sequence[str] | None]


def options_of(task: str) -> dict[str, str]:
    """{option as a request names it, max-pixels as on the command line: its section}."""
    found = {}
    for name, section in section_of(CONFIGS[task]).items():
        if name not in NOT_ASKED:
            found[flag(name, sections(CONFIGS[task])[section].model_fields[name]).removeprefix("--")] = section
    return found


def config_of(task: str, values: Values, runs: Path, device: str, source: str, mask: str | None = None) -> ApplyConfig:
    """The config of a request. source, mask: as the command would name the files.

    Raises Fault 422 for an unknown task, option or model; ConfigError for a value that is not allowed.
    """
    if task not in CONFIGS:
        raise Fault(422, f"{task[:100]}: allowed: {', '.join(CONFIGS)}")
    known = options_of(task)
    given: Overrides = {"photos": {"sources": (source,)}, "computing": {"device": device}}
    if mask is not None:
        given["mask"] = {"mask": mask}
    for name, value in values.items():
        plain = name.replace("_", "-")
        if plain not in known:
            raise Fault(422, f"unknown option {name[:100]!r}; allowed: {', '.join(known)}")
        if value not in (None, "", []):
            listed = [value] if plain in ("box", "circle", "polygon", "pick") and isinstance(value, str) else value
            given.setdefault(known[plain], {})[plain.replace("-", "_")] = listed
    config = resolve(CONFIGS[task], given)
    require_offered(config.model.model, runs)
    if isinstance(config, UpscaleConfig):
        require_offered(config.model.blend, runs)
    return config
