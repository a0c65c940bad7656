"""Which name was probably meant."""

from __future__ import annotations

import time

import pytest

from img2img.config.meant import meant, nearest

NAMES = ("wgan-gp", "hinge", "photo_x4")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("wgan-gpp", "wgan-gp"),
        ("WGAN_GP", "wgan-gp"),
        ("photo-x4", "photo_x4"),
        ("hing", "hinge"),
        ("lion", ""),
        ("", ""),
    ],
)
def test_the_nearest_name(word: str, name: str) -> None:
    assert nearest(word, NAMES) == name
    assert meant(word, NAMES) == (f"; did you mean {name}?" if name else "")


def test_a_long_word_takes_no_time() -> None:
    started = time.process_time()
    nearest("hinge" * 10**5, NAMES)
    assert time.process_time() - started < 1
