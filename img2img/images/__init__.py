"""Photos: file ↔ tensor (the only folder where Pillow and OpenCV touch photo files)."""

from img2img.images.atomic import open_atomically, sweep, write_atomically
from img2img.images.bleed import bleed
from img2img.images.facts import SUFFIXES, ImageFacts, probe, verify
from img2img.images.listing import list_images
from img2img.images.names import by_name
from img2img.images.photo import DEFAULT_MAX_PIXELS, ImageError, Photo
from img2img.images.read import read_photo, read_training_image
from img2img.images.samples import as_floats, to_alpha, to_pixels, to_samples
from img2img.images.write import DEEP_FORMATS, FORMATS, Encoding, check_sides, format_of, write_photo, write_samples

__all__ = [
    "DEEP_FORMATS",
    "DEFAULT_MAX_PIXELS",
    "FORMATS",
    "SUFFIXES",
    "Encoding",
    "ImageError",
    "ImageFacts",
    "Photo",
    "as_floats",
    "bleed",
    "by_name",
    "check_sides",
    "format_of",
    "list_images",
    "open_atomically",
    "probe",
    "read_photo",
    "read_training_image",
    "sweep",
    "to_alpha",
    "to_pixels",
    "to_samples",
    "verify",
    "write_atomically",
    "write_photo",
    "write_samples",
]
