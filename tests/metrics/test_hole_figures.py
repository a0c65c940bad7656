"""Figures within a hole against loops, and by its size."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from img2img.metrics import LPIPS, ssim
from img2img.metrics.hole_figures import HOLE, HoleProtocol, by_hole_size, compare_hole
from img2img.metrics.sets.figures import FeatureProtocol


def pictures() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A result, its reference and a hole; they differ in the hole alone."""
    generator = torch.Generator().manual_seed(0)
    reference = torch.randint(0, 256, (3, 40, 50), generator=generator) / 127.5 - 1
    hole = torch.zeros(1, 40, 50)
    hole[:, 10:30, 5:25] = 1
    other = torch.randint(0, 256, (3, 40, 50), generator=generator) / 127.5 - 1
    return torch.where(hole > 0, other, reference), reference, hole


def test_in_the_hole_its_pixels_alone_count() -> None:
    result, reference, hole = pictures()
    figures = compare_hole(result, reference, hole, {})
    levels = ((result - reference) * 127.5).round().double()[:, 10:30, 5:25]
    assert figures[HOLE] == pytest.approx(0.2)
    assert figures["hole_psnr"] == pytest.approx(10 * np.log10(255**2 / levels.square().mean().item()), abs=1e-6)
    assert figures["hole_l1"] == pytest.approx(100 * levels.abs().mean().item() / 255, abs=1e-6)
    assert figures["l1"] == pytest.approx(0.2 * figures["hole_l1"], abs=1e-6)
    assert figures["psnr"] == pytest.approx(figures["hole_psnr"] - 10 * np.log10(0.2), abs=1e-6)


def test_a_hole_that_is_everything_has_the_figures_of_the_picture() -> None:
    result, reference, _ = pictures()
    torch.manual_seed(0)
    network = LPIPS("alex")
    figures = compare_hole(result, reference, torch.ones(1, 40, 50), {"alex": network})
    for name in ("psnr", "l1", "ssim", "lpips_alex"):
        assert figures[f"hole_{name}"] == pytest.approx(figures[name], rel=1e-5)
    assert figures["ssim"] == pytest.approx(ssim(result, reference, channels="rgb").item())


def test_ssim_and_lpips_are_worst_where_the_difference_is() -> None:
    result, reference, hole = pictures()
    torch.manual_seed(0)
    network = LPIPS("alex")
    figures = compare_hole(result, reference, hole, {"alex": network})
    elsewhere = compare_hole(result, reference, 1 - hole, {"alex": network})
    assert figures["hole_ssim"] < figures["ssim"] < elsewhere["hole_ssim"]
    assert abs(figures["hole_lpips_alex"]) > abs(figures["lpips_alex"]) > abs(elsewhere["hole_lpips_alex"])


def test_bands_by_the_holes_size() -> None:
    rows = [{HOLE: share} for share in (0.05, 0.2, 0.21, 0.5)]
    assert by_hole_size(rows) == {"small": rows[:2], "large": rows[2:], "mean": rows}
    assert list(by_hole_size(rows[:1])) == ["small", "mean"]


def test_the_protocol_says_what_holes() -> None:
    words = str(HoleProtocol("drawn with seed 3", ("alex",), "3 pictures"))
    assert (
        words.startswith("holes: drawn with seed 3; small: up to 20% of the picture") and "LPIPS: v0.1, alex" in words
    )
    assert words.endswith("; no FID: 3 pictures")
    measured = str(HoleProtocol("x", (), FeatureProtocol(120, 120, "clean", "0123456789", 5)))
    assert "LPIPS" not in measured and "whole, N: 120 against 120; features: pool of Inception" in measured
    assert measured.endswith("; seed 5")
