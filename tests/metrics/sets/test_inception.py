"""Inception's features: where the weights come from, and how pictures are resized."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from img2img.config.base import Refusal
from img2img.metrics.sets.inception import load_inception, square

CPU = torch.device("cpu")


def noise(seed: int, *shape: int) -> torch.Tensor:
    return torch.randint(0, 256, (3, *shape), generator=torch.Generator().manual_seed(seed)).byte()


def test_pictures_of_any_sizes_alone_or_together(inception: Path) -> None:
    network = load_inception(inception, "tensorflow", CPU)
    pictures = [noise(1, 40, 30), noise(2, 40, 30), noise(3, 64, 64)]
    features, logits = network(pictures)
    assert features.shape == (3, 2048) and logits.shape == (3, 1008)
    alone = torch.cat([network([picture])[0] for picture in pictures])
    assert (alone - features).abs().max() < 1e-4 * features.abs().max()
    assert (features[0] - features[1]).abs().max() > 0.01 * features.abs().max()


def test_the_resize_makes_a_difference_and_is_none_at_full_size(inception: Path) -> None:
    clean, tensorflow = (load_inception(inception, resize, CPU) for resize in ("clean", "tensorflow"))
    full, other = noise(1, 299, 299), noise(2, 400, 350)
    assert torch.equal(clean([full])[0], tensorflow([full])[0])
    assert not torch.allclose(clean([other])[0], tensorflow([other])[0], rtol=1e-2)


@pytest.mark.parametrize("size", [(400, 350), (20, 33), (299, 299)])
def test_clean_is_pillows_bicubic(size: tuple[int, int]) -> None:
    picture = noise(0, *size)
    planes = [Image.fromarray(plane.float().numpy()).resize((299, 299), Image.Resampling.BICUBIC) for plane in picture]
    expected = np.stack([np.asarray(plane) for plane in planes]).clip(0, 255)
    assert np.abs(square(picture, 299).numpy() - expected).max() < 0.51


def test_weights_are_known_by_their_content(inception: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMG2IMG_INCEPTION", str(inception))
    first = load_inception(None, "clean", CPU)
    assert first.identity == load_inception(inception, "tensorflow", CPU).identity
    tensors = torch.load(inception, weights_only=True)
    torch.save(tensors | {"fc.weight": torch.randn(1008, 2048)}, tmp_path / "other.pth")
    other = load_inception(tmp_path / "other.pth", "clean", CPU)
    assert other.identity != first.identity and other.classifies and not first.classifies


def test_what_is_missing_is_said_in_a_line(tmp_path: Path, inception: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal, match=r"gone\.pth: cannot be read"):
        load_inception(tmp_path / "gone.pth", "clean", CPU)
    torch.save({"weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(Refusal, match=r"other\.pth: not Inception's weights in torch-fidelity's layout") as refused:
        load_inception(tmp_path / "other.pth", "clean", CPU)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400

    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.delenv("IMG2IMG_INCEPTION", raising=False)
    monkeypatch.setattr("torch_fidelity.feature_extractor_inceptionv3.load_state_dict_from_url", unreachable)
    with pytest.raises(Refusal, match=r"no network.*--inception FILE or \$IMG2IMG_INCEPTION"):
        load_inception(None, "clean", CPU)
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(Refusal, match=r"pip install 'img2img-gan\[metrics\]'"):
        load_inception(inception, "clean", CPU)


def test_a_file_that_runs_code_is_refused(tmp_path: Path, inception: Path) -> None:
    torch.save({"weight": torch.nn.Linear(1, 1)}, tmp_path / "code.pth")
    with pytest.raises(Refusal, match=r"code\.pth: refused"):
        load_inception(tmp_path / "code.pth", "clean", CPU)
