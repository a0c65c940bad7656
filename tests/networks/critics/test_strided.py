"""The critic of MUNIT."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from img2img.config.networks.critics import StridedSpec
from img2img.networks import build


@pytest.mark.parametrize(("layers", "field"), [(1, 4), (2, 10), (3, 22), (4, 46)])
def test_what_one_score_of_the_critic_sees(layers: int, field: int) -> None:
    spec = StridedSpec(width=1, layers=layers)
    assert spec.receptive_field == field
    critic: Any = build(spec).double()
    image = torch.zeros(1, 3, 128, 128, dtype=torch.double, requires_grad=True)
    scores = critic(image)
    scores[0, 0, scores.shape[2] // 2, scores.shape[3] // 2].backward()
    assert image.grad is not None
    seen = image.grad.abs().sum(dim=(0, 1)).nonzero()
    assert ((seen.max(0).values - seen.min(0).values) + 1).tolist() == [field, field]
