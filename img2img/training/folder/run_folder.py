"""What a run leaves in its folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from img2img.config.base import Refusal
from img2img.images.atomic import sweep, write_atomically


@dataclass(frozen=True)
class RunFolder:
    """The files of one run."""

    path: Path

    @property
    def config(self) -> Path:
        """The resolved options; also marks the folder as a run."""
        return self.path / "config.toml"

    @property
    def checkpoint(self) -> Path:
        """The newest whole state."""
        return self.path / "checkpoint.safetensors"

    @property
    def weights(self) -> Path:
        """The newest generators with their model card."""
        return self.path / "weights.safetensors"

    @property
    def best_weights(self) -> Path:
        """The generators with the best figure on held-out pictures, where the run looks for it."""
        return self.path / "weights-best.safetensors"

    @property
    def log(self) -> Path:
        """One JSON object per logged step."""
        return self.path / "log.jsonl"

    @property
    def summary(self) -> Path:
        """Facts of the run as flat JSON, for the page."""
        return self.path / "summary.json"

    def sample(self, step: int) -> Path:
        """The sample sheet of a step."""
        return self.path / "samples" / f"{step:08d}.png"

    def create(self) -> None:
        """Makes the folders, and takes away what killed saves have left half written.

        Raises OSError naming the path where it cannot, Refusal where a link would lead elsewhere.
        """
        self.refuse_links()
        (self.path / "samples").mkdir(parents=True, exist_ok=True)
        for place in (self.path, self.path / "samples"):
            sweep(place)
        with write_atomically(self.path / ".writable") as temporary:
            temporary.write_bytes(b"")
        (self.path / ".writable").unlink()

    def refuse_links(self) -> None:
        """Raises Refusal where a link would lead what is written elsewhere."""
        for inner in (self.path / "samples", self.path / "events"):
            if inner.is_symlink():
                raise Refusal(f"{inner}: is a link, into which no run writes; remove it")

    def write_text(self, path: Path, text: str) -> None:
        """Writes beside and renames."""
        with write_atomically(path) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def write_summary(self, facts: dict[str, Any]) -> None:
        """Writes the facts."""
        self.write_text(self.summary, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
