"""Which domain each picture is to be translated to."""

from __future__ import annotations

import torch

from img2img.data.targets import ShuffledTargets


def test_targets_are_the_batchs_own_labels_shuffled() -> None:
    label = torch.arange(64) % 3
    torch.manual_seed(0)
    target = ShuffledTargets()({"label": label})["target"]
    assert torch.equal(target.sort().values, label.sort().values) and not torch.equal(target, label)
