"""What goes wrong with weights, said in one line."""


class WeightsError(ValueError):
    """A weights file that cannot be found, read or written; the message names it and says what would do."""
