"""Numbers for pictures, alone (PSNR, SSIM, LPIPS) and as sets (FID and its kin), each with its protocol."""

from .lpips import LPIPS, load_lpips
from .psnr import psnr
from .ssim import ssim

__all__ = ["LPIPS", "load_lpips", "psnr", "ssim"]
