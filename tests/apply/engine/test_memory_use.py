"""Memory of a network, measured; photos that wait for room."""

from __future__ import annotations

import threading

import torch
from torch import Tensor, nn

from img2img.apply.batch.turnstile import Turnstile
from img2img.apply.engine.memory_use import bytes_per_pixel
from img2img.config.networks import SizeNeeds
from img2img.machine import free_bytes

CPU = torch.device("cpu")


class Chain(nn.Module):
    """Three copies at a time: the picture's first one stays."""

    def forward(self, picture: Tensor) -> Tensor:
        first = picture.repeat(1, 4, 1, 1)  # 48 bytes for a px of float32 RGB
        second = first + 1
        second = second * 2  # the old second is alive until the new one is there
        return first + second


def test_the_peak_is_what_is_alive_at_once() -> None:
    assert bytes_per_pixel(Chain(), 3, SizeNeeds(), CPU) == 3 * 48
    assert bytes_per_pixel(nn.Identity(), 3, SizeNeeds(multiple_of=100), CPU) == 0


def test_something_is_free() -> None:
    assert free_bytes(CPU) > 1 << 20


def test_photos_come_in_by_their_numbers_as_long_as_there_is_room() -> None:
    turnstile, inside = Turnstile(limit=10), []

    def enter(number: int, size: int) -> None:
        assert turnstile.enter(number, size)
        inside.append(number)

    threads = [threading.Thread(target=enter, args=(number, size)) for number, size in ((2, 3), (1, 6), (0, 50))]
    for thread in threads:
        thread.start()
    threads[2].join(5)
    assert inside == [0], "one may be larger than the limit, and alone"
    turnstile.leave(50)
    for thread in threads:
        thread.join(5)
    assert inside == [0, 1, 2]
    waiting = threading.Thread(target=lambda: inside.append(turnstile.enter(3, 2)))
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive(), "6 + 3 + 2 are more than 10"
    turnstile.close()
    waiting.join(5)
    assert inside[-1] is False
