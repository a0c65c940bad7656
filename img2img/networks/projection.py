"""The score of a picture's features, alone or next to a label by projection (arXiv:1802.05637, equation 3)."""

from __future__ import annotations

from torch import Tensor, nn

from img2img.config.networks import CriticNorm

from .norms import constrained


class ProjectionScore(nn.Module):
    """s = psi(phi) + <V y, phi>; without classes psi(phi) alone.

    features phi: (N, features); given y: (N, classes), one-hot -> (N, 1).
    Raises ValueError for classes without a label, and for a label without classes.
    """

    def __init__(self, features: int, classes: int, norm: CriticNorm) -> None:
        super().__init__()
        self.alone = constrained(nn.Linear(features, 1), norm)
        self.directions = constrained(nn.Linear(classes, features, bias=False), norm) if classes else None

    def forward(self, features: Tensor, given: Tensor | None) -> Tensor:
        score: Tensor = self.alone(features)
        if (self.directions is None) != (given is None):
            raise ValueError("the critic needs labels" if given is None else "the critic knows no labels")
        if self.directions is None:
            return score
        return score + (self.directions(given) * features).sum(dim=1, keepdim=True)
