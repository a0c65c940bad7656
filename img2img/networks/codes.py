"""An encoder's codes: a critic whose further head reads them off a picture; its score is not used."""

from __future__ import annotations

from torch import Tensor, nn

from .whole_critic import WholeCritic


def read_off(encoder: nn.Module, pictures: Tensor) -> Tensor:
    """All that the encoder reads off pictures: (N, C, S, S) -> (N, readout), float32."""
    assert isinstance(encoder, WholeCritic)
    return encoder.read(encoder.features(pictures)).float()


def encoded(encoder: nn.Module, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Means and log variances of the pictures' codes: (N, C, S, S) -> twice (N, Z), float32."""
    mean, log_variance = read_off(encoder, pictures).chunk(2, dim=1)
    return mean, log_variance


def mean_code(encoder: nn.Module, pictures: Tensor, numbers: int) -> Tensor:
    """The pictures' codes, or their means where the encoder has log variances behind them: (N, numbers), float32."""
    return read_off(encoder, pictures)[:, :numbers]


def drawn(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """Codes from these Gaussians (arXiv:1312.6114, section 2.4); noise: from N(0, 1); all (N, Z)."""
    return mean + (log_variance / 2).exp() * noise
