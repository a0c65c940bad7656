"""What every rank has its own of: the replay pool, and nothing that only sounds like it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from img2img.adversarial import GAMES, Adversary, Stabilisers


class Pooling(nn.Module):
    """A critic with weights under the name `pool`."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.Linear(2, 1)

    def features(self, image: Tensor, given: Tensor | None = None) -> list[Tensor]:
        return [self.pool(image)]

    def forward(self, image: Tensor, given: Tensor | None = None) -> Tensor:
        return self.features(image)[-1]


def played() -> Adversary:
    torch.manual_seed(0)
    adversary = Adversary(Pooling(), GAMES["hinge"], stabilisers=Stabilisers(pool=2))
    adversary.critic_terms(torch.rand(3, 2), torch.rand(3, 2))
    return adversary


def test_kept_pictures_are_local_and_weights_are_not() -> None:
    adversary = played()
    assert len(adversary.local_state()["images"]) == 2
    assert set(adversary.state_dict()) == {"k", "critic.pool.weight", "critic.pool.bias", "_extra_state"}


def test_local_state_comes_back() -> None:
    adversary, fresh = played(), Adversary(Pooling(), GAMES["hinge"], stabilisers=Stabilisers(pool=2))
    fresh.load_local_state(adversary.local_state())
    kept, again = adversary.pool.kept, fresh.pool.kept
    assert all(torch.equal(one[0], other[0]) and other[1] is None for one, other in zip(kept, again, strict=True))


def test_progress_reaches_what_follows_it() -> None:
    adversary = Adversary(Pooling(), GAMES["hinge"], stabilisers=Stabilisers(instance_noise=1.0))
    image = torch.zeros(4, 2)
    assert adversary._see(image, None)[0].abs().max() > 0
    assert adversary.follow_progress(1.0) is False
    assert torch.equal(adversary._see(image, None)[0], image)
