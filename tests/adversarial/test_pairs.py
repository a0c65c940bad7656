"""A critic of pictures with their codes: what each player pays, what it leads to, and how steep it is."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from img2img.adversarial import GAMES, Adversary
from img2img.config.networks.whole_critics import InfoGANCriticSpec
from img2img.networks import build

LOGITS = [name for name, game in GAMES.items() if game.critic == "logit"]
ALONE = [name for name in LOGITS if GAMES[name].relative == "no"]


class Plane(nn.Module):
    """s = 1/2 + a * the sum of a picture's values + b * the sum of its code's."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Parameter(torch.tensor(0.3)), nn.Parameter(torch.tensor(-0.7))

    def features(self, image: Tensor, given: Tensor) -> list[Tensor]:
        return [image, 0.5 + (self.a * image.flatten(1).sum(1) + self.b * given.sum(1))[:, None]]

    def forward(self, image: Tensor, given: Tensor) -> Tensor:
        return self.features(image, given)[-1]


def pairs(seed: int) -> tuple[Tensor, Tensor]:
    chance = torch.Generator().manual_seed(seed)
    return torch.randn(4, 1, 2, 2, generator=chance) / 10, torch.randn(4, 3, generator=chance) / 10


@pytest.mark.parametrize("name", [name for name in ALONE if GAMES[name].mirrors])
def test_a_critic_pays_for_fake_what_it_would_for_real_of_the_mirrored_score(name: str) -> None:
    """Which is what makes the encoder's bill the generator's with the sides swapped."""
    game, scores = GAMES[name], torch.linspace(-3, 3, 13)
    assert game.fake is not None
    torch.testing.assert_close(game.fake(scores), game.real(2 * (game.undecided or 0) - scores))


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("non-saturating", lambda s: -(1 - torch.sigmoid(s)).log()),  # -log(1 - D(x, E(x))), arXiv:1606.00704
        ("minimax", lambda s: torch.sigmoid(s).log()),  # arXiv:1605.09782, equation 3
        ("lsgan", lambda s: s.square() / 2),
        ("wgan", lambda s: s),
        ("hinge", lambda s: s),
        ("fgan-kl", lambda s: s),  # g_f of arXiv:1606.00709, table 6
        ("fgan-reverse-kl", lambda s: -(-s).exp()),
        ("fgan-pearson", lambda s: s),
    ],
)
def test_what_the_encoder_pays(name: str, formula) -> None:
    played, (real, code) = Adversary(Plane(), GAMES[name]), pairs(1)
    expected = formula(played.critic(real, code)).mean()
    torch.testing.assert_close(played.encoder_terms(real, code)["disguise"], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", LOGITS)
def test_the_critic_judges_each_picture_with_its_own_code(name: str) -> None:
    played, (real, code), (fake, latent) = Adversary(Plane(), GAMES[name]), pairs(1), pairs(2)
    charged = played.critic_terms(real, fake, code, latent)
    scored = Adversary(nn.Identity(), GAMES[name])
    expected = scored._costs(played.critic(real, code), played.critic(fake, latent))
    for side, cost in expected.items():
        torch.testing.assert_close(charged[side], cost, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", LOGITS)
def test_both_codes_and_pictures_move_towards_being_taken_for_the_other(name: str) -> None:
    played, (real, code), (fake, latent) = Adversary(Plane(), GAMES[name]), pairs(1), pairs(2)
    fake.requires_grad_(True), code.requires_grad_(True)
    paid = played.generator_terms(fake, real, code, latent) | played.encoder_terms(real, code)
    assert ("disguise" in paid) == (name in ALONE)
    torch.stack(list(paid.values())).sum().backward()
    assert fake.grad is not None and code.grad is not None
    # A larger picture has a higher score, a larger code a lower one; all are between 0 and 1, lsgan's aims.
    assert (fake.grad < 0).all() and (code.grad < 0).all()


def test_the_critics_bill_reaches_neither() -> None:
    played, (real, code), (fake, latent) = Adversary(Plane(), GAMES["wgan-gp"]), pairs(1), pairs(2)
    fake.requires_grad_(True), code.requires_grad_(True)
    torch.stack(list(played.critic_terms(real, fake, code, latent).values())).sum().backward()
    assert fake.grad is None and code.grad is None
    assert played.critic.b.grad is not None and played.critic.b.grad != 0


@pytest.mark.parametrize("name", ["wgan-gp", "dragan", "r1", "r3gan"])
def test_the_slope_is_that_of_pictures_and_codes_together(name: str) -> None:
    game = GAMES[name]
    played, (real, code), (fake, latent) = Adversary(Plane(), game), pairs(1), pairs(2)
    slope = (4 * 0.3**2 + 3 * 0.7**2) ** 0.5
    expected = sum(penalty.weight * penalty.every * (slope - penalty.target) ** 2 for penalty in game.penalties)
    assert played.critic_terms(real, fake, code, latent)["penalty"].item() == pytest.approx(expected, rel=1e-4)


def test_a_score_of_pairs_is_no_sum_of_scores() -> None:
    """s(x, z) - s(x', z) - s(x, z') + s(x', z') would be 0."""
    torch.manual_seed(0)
    critic = build(InfoGANCriticSpec(size=8, width=2, input_channels=1, code=3, joint=16, norm="none"))
    picture, code = torch.randn(2, 1, 8, 8), 3 * torch.randn(2, 3)
    own, crossed = critic(picture, code), critic(picture, code.flip(0))
    assert own.shape == (2, 1) and (own.sum() - crossed.sum()).abs() > 1e-4
    with pytest.raises(ValueError, match="takes a code for every picture"):
        critic(picture)
