"""What goes wrong with weights, said in one line."""

from img2img.config.base import Refusal


class WeightsError(Refusal):
    """A weights file that cannot be found, read or written; the message names it and says what would do."""
