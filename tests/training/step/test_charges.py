"""What the log says that the players were charged."""

from __future__ import annotations

import torch

from img2img.training.ranks import Ranks
from img2img.training.step.charges import Charges, mean_of


def add(charges: Charges, **terms: float) -> None:
    charges.add({name: torch.tensor(value) for name, value in terms.items()})


def test_each_line_has_the_mean_of_the_steps_since_the_line_before() -> None:
    charges = Charges()
    for value in (1.0, 2.0, 6.0):
        add(charges, fool=value)
    assert charges.means(Ranks()) == {"fool": 3.0}
    for value in (4.0, 8.0):
        add(charges, fool=value)
    assert charges.means(Ranks()) == {"fool": 6.0}


def test_a_term_that_is_rarely_charged_is_nothing_at_the_other_steps() -> None:
    charges = Charges()
    add(charges, fool=1.0, penalty=8.0)
    for _ in range(3):
        add(charges, fool=1.0)
    assert charges.means(Ranks()) == {"fool": 1.0, "penalty": 2.0}
    assert mean_of([{"fool": 1.0, "penalty": 2.0}, {"fool": 3.0}]) == {"fool": 2.0, "penalty": 1.0}
