"""Numbers for pictures: PSNR, SSIM, LPIPS, each with the protocol without which it means nothing."""

from .lpips import LPIPS, load_lpips
from .psnr import psnr
from .ssim import ssim

__all__ = ["LPIPS", "load_lpips", "psnr", "ssim"]
