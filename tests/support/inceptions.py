"""Random weights of Inception in torch-fidelity's layout, for tests that need features but none that mean anything."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
import torch


def write_inception(path: Path) -> Path:
    """A file of weights in float16, without the class layer. Skips the test where torch-fidelity is not installed."""
    fidelity = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    # Its constructor reads weights: here those that it was just given by chance.
    with patch.object(fidelity, "load_state_dict_from_url"), patch.object(torch.nn.Module, "load_state_dict"):
        torch.manual_seed(0)
        network = fidelity.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"])
    weights = network.state_dict()
    for key, tensor in weights.items():
        if key.endswith("conv.weight"):  # He's, or nothing of the picture would reach the end
            torch.nn.init.kaiming_normal_(tensor)
    weights["fc.weight"].zero_()
    torch.save({key: tensor.half() if tensor.is_floating_point() else tensor for key, tensor in weights.items()}, path)
    return path
