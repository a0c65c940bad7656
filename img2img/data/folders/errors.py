"""What is wrong with the data of a run."""

from __future__ import annotations

from img2img.config.base import UserError


class DataError(UserError, ValueError):
    """The data cannot be trained on; the message says what was looked for and what was found."""
