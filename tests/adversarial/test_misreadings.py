"""A critic that reads something off pictures: who pays for what, and that it reaches the generator."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from img2img.adversarial import GAMES, Adversary, Readout, Stabilisers
from img2img.config.base import Refusal
from img2img.config.networks.whole_critics import InfoGANCriticSpec, WholeNorm
from img2img.networks import build
from img2img.networks.samplers.whole_critic import WholeCritic

LABELS = torch.tensor([0, 1, 2, 1])


def adversary(on_real: bool, norm: WholeNorm = "none", **stabilisers: int) -> Adversary:
    torch.manual_seed(0)
    critic = build(InfoGANCriticSpec(size=16, width=2, input_channels=1, readout=3, norm=norm))
    readout = Readout(cross_entropy, on_real)
    return Adversary(critic, GAMES["hinge"], readout=readout, stabilisers=Stabilisers(**stabilisers))


def pictures(seed: int) -> Tensor:
    return torch.rand(4, 1, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def misread(adversary: Adversary, images: Tensor) -> Tensor:
    critic = adversary.critic
    assert isinstance(critic, WholeCritic)
    return cross_entropy(critic.read(critic.features(images)), LABELS)


@pytest.mark.parametrize("on_real", [True, False])
def test_both_players_pay_for_what_is_misread(on_real: bool) -> None:
    played, real, fake = adversary(on_real), pictures(1), pictures(2)
    charged = played.critic_terms(real, fake, LABELS)
    paid = played.generator_terms(fake, real, LABELS)
    assert set(charged) == {"real", "fake", "read_fake", *(["read_real"] if on_real else [])}
    assert set(paid) == {"fool", "read"}
    for term, images in (("read_fake", fake), *([("read_real", real)] if on_real else [])):
        torch.testing.assert_close(charged[term], misread(played, images), rtol=0, atol=1e-5)
    torch.testing.assert_close(paid["read"], misread(played, fake), rtol=0, atol=1e-5)


def test_the_scores_stay_what_they_are_without_a_reading() -> None:
    played, real, fake = adversary(True), pictures(1), pictures(2)
    plain = Adversary(played.critic, GAMES["hinge"])
    for name, term in plain.critic_terms(real, fake).items():
        torch.testing.assert_close(played.critic_terms(real, fake, LABELS)[name], term, rtol=0, atol=1e-5)


def test_what_is_misread_reaches_the_generator() -> None:
    fake = pictures(2).requires_grad_(True)
    adversary(True).generator_terms(fake, pictures(1), LABELS)["read"].backward()
    assert fake.grad is not None and fake.grad.abs().max() > 1e-6


def test_old_fakes_keep_what_they_were_made_with() -> None:
    played = adversary(False, pool=4)
    played.critic_terms(pictures(1), pictures(2), LABELS)
    assert [int(given) for _, given in played.pool.kept if given is not None] == LABELS.tolist()


def test_with_batch_norm_real_and_fake_are_read_apart() -> None:
    played, real, fake = adversary(True, "batch"), pictures(1), pictures(2)
    charged = played.critic_terms(real, fake, LABELS)
    torch.testing.assert_close(charged["read_real"], misread(played, real), rtol=0, atol=1e-5)


def test_labels_are_not_moved_with_augmented_pictures() -> None:
    from img2img.data.critic_augment.critic_augment import CriticAugment

    played = adversary(True)
    played.view = CriticAugment("diffaugment")
    assert set(played.critic_terms(pictures(1), pictures(2), LABELS)) == {"real", "fake", "read_real", "read_fake"}


def test_unrolling_does_not_go_with_it() -> None:
    with pytest.raises(Refusal, match="--unroll"):
        adversary(True, unroll=1)
