"""Weights between those of two files."""

from __future__ import annotations

import pytest
import torch
from support.upscalers import lively

from img2img.config.base import Refusal
from img2img.config.networks.upscalers import LightSRSpec, SRResNetSpec
from img2img.networks import build
from img2img.weights import WeightsError
from img2img.weights.blend import Mixture, blend, require_same_spec, require_same_tensors

SPEC = LightSRSpec(scale=2, width=6, blocks=1)


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_the_ends_are_the_files_to_the_bit(strength: float) -> None:
    own, other = lively(SPEC, 1), lively(SPEC, 2)
    wanted = {key: tensor.clone() for key, tensor in (own if strength else other).state_dict().items()}
    blend(own, other, strength)
    assert all(torch.equal(tensor, wanted[key]) for key, tensor in own.state_dict().items())


def test_a_half_is_the_mean() -> None:
    own, other = lively(SPEC, 1), lively(SPEC, 2)
    means = {key: (tensor + other.state_dict()[key]) / 2 for key, tensor in own.state_dict().items()}
    blend(own, other, 0.5)
    assert all((tensor - means[key]).abs().max() < 1e-7 for key, tensor in own.state_dict().items())


def test_counters_stay() -> None:
    own, other = (build(SRResNetSpec(width=4, blocks=1)) for _ in range(2))
    counters = [key for key in own.state_dict() if key.endswith("num_batches_tracked")]
    for key in counters:
        other.state_dict()[key].fill_(8)
    blend(own, other, 0.0)
    assert counters and all(int(own.state_dict()[key]) == 0 for key in counters)


def test_what_differs_is_said() -> None:
    steps = SPEC.model_copy(update={"head": "steps", "width": 8})
    with pytest.raises(
        WeightsError, match=r"b cannot be blended with a, .*: width 8, not 6; head steps, not shuffle; --blend"
    ):
        require_same_spec(SPEC, steps, "a", "b")
    require_same_spec(SPEC, SPEC.model_copy(), "a", "b")
    with pytest.raises(WeightsError, match=r"b cannot be blended with a: .* must be \[6") as refusal:
        require_same_tensors(build(SPEC), build(steps), "a", "b")
    assert "\n" not in str(refusal.value)


def test_the_share() -> None:
    assert Mixture().share == 1 and not Mixture() and not Mixture(None, 1.0)
    assert Mixture("other").share == 0.5 and Mixture("other", 1.0) and Mixture(None, 0.0)
    with pytest.raises(Refusal, match=r"--strength 1.5: allowed: 0 to 1"):
        _ = Mixture(None, 1.5).share
