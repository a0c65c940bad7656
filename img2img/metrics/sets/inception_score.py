"""Inception score: sure of each picture, unsure of the set (arXiv:1606.03498, section 4)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from img2img.config.base import Refusal

SPLITS = 10
"""Parts of the set, each with a score of its own: the published code's."""


def inception_score(logits: Tensor, seed: int, splits: int = SPLITS) -> tuple[float, float]:
    """exp E KL(p(y|x) ‖ p(y)) of (N, classes) logits: mean and deviation over `splits` parts drawn with `seed`.

    From 1 to the number of classes. Raises Refusal for fewer pictures than parts.
    """
    if len(logits) < splits:
        raise Refusal(f"the Inception score takes the mean of {splits} parts, and there are {len(logits)} pictures")
    order = torch.randperm(len(logits), generator=torch.Generator().manual_seed(seed))
    scores = torch.stack([_score(part) for part in logits[order].double().tensor_split(splits)])
    return scores.mean().item(), scores.std(correction=0).item()


def _score(logits: Tensor) -> Tensor:
    of_each = logits.log_softmax(1)
    of_all = of_each.logsumexp(0) - math.log(len(logits))
    return (of_each.exp() * (of_each - of_all)).sum(1).mean().exp()
