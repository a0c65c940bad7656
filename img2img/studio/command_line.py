"""The command that does what a job did."""

from __future__ import annotations

import shlex

from img2img.apply.opening import ApplyConfig
from img2img.config.base import flag, sections

from .asked import CONFIGS


def command_line(config: ApplyConfig) -> str:
    """As one writes it in a shell: only what is not as it is by default."""
    task = next(name for name, kind in CONFIGS.items() if isinstance(config, kind))
    words = ["img2img", task, *config.photos.sources]
    for section_name, section in sections(config).items():
        values = getattr(config, section_name)
        for name, field in section.model_fields.items():
            value = getattr(values, name)
            if name in section.arguments or value == field.get_default():
                continue
            for one in value if isinstance(value, tuple) else (value,):
                words.append(flag(name, field))
                if one is not True:
                    words.append(f"{one:g}" if isinstance(one, float) else str(one))
    return shlex.join(words)
