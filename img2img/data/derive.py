"""What makes an augmented batch into the recipe's, on the device: the base of lower resolutions and of masks."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType
from torch import Tensor, nn

from img2img.run_progress import FollowsProgress


class Derive(nn.Module, FollowsProgress):
    """Hands batches on as they are. Random, where it is, through torch's global state alone."""

    progress: float = 1.0
    """Share of the run that is done. 1, as at the end, for sample sheets and previews."""

    def follow_progress(self, progress: float) -> bool:
        """Where what is derived changes in the course of a run."""
        self.progress = progress
        return False

    def forward(self, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """{side: (N, C, H, W) in [-1, 1]} -> the same, with further sides."""
        return dict(batch)

    def phrase(self) -> str:
        """What the model card says of it among the data; "" for nothing."""
        return ""

    def check(self) -> RenderableType | None:
        """What the data check shows of it. Raises DataError, with a line for each thing that forbids training."""
        return None
