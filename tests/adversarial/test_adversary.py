"""What an adversary shows its critic, remembers, and does after a step."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from img2img.adversarial import GAMES, Adversary, Balance, MovingAverage, ReplayPool, Stabilisers
from img2img.config.base import Refusal
from img2img.config.networks.critics import PatchSpec
from img2img.config.networks.vectors import AutoencoderMLPSpec, MLPSpec
from img2img.networks import build


class Mean(nn.Module):
    """D(x) = a * mean(x), one feature: x itself."""

    def __init__(self, slope=1.0):
        super().__init__()
        self.a = nn.Parameter(torch.tensor(slope))
        self.seen = []

    def features(self, image, given=None):
        self.seen.append((image.detach().clone(), given))
        return [image, self.a * image.flatten(1).mean(1, keepdim=True)]

    def forward(self, image, given=None):
        return self.features(image, given)[-1]


def images(*values):
    return torch.tensor(values, dtype=torch.float32).view(-1, 1, 1, 1).expand(-1, 1, 2, 2).clone()


def test_fakes_are_detached_for_the_critic_and_attached_for_the_generator():
    made = Adversary(Mean(), GAMES["wgan"])
    fake = images(0.5, -0.5).requires_grad_()
    sum(made.critic_terms(images(1, 1), fake).values()).backward()
    assert fake.grad is None and made.critic.a.grad is not None
    sum(made.generator_terms(fake, images(1, 1)).values()).backward()
    assert fake.grad.abs().sum() > 0


@pytest.mark.parametrize("name", ["relativistic", "relativistic-average"])
def test_a_relativistic_generator_feels_both_sides_of_the_difference(name):
    made = Adversary(Mean(2.0), GAMES[name])
    fake, real = images(0.3, 0.1).requires_grad_(), images(0.9, 0.5)
    made.generator_terms(fake, real)["fool"].backward()
    assert (fake.grad < 0).all(), "a higher score of a fake lowers what the generator pays"


def test_clipping_bounds_every_weight():
    made = Adversary(build(MLPSpec()), GAMES["wgan"])
    made.after_step()
    assert max(weight.abs().max() for weight in made.critic.parameters()) <= 0.01


def test_balance_moves_k_by_its_formula_and_keeps_it_in_bounds():
    made = Adversary(Mean(), replace(GAMES["began"], balance=Balance(rate=0.1, diversity=0.75)))
    made.critic_terms(images(-2.0, -2.0), images(-0.5, -0.5))  # energies 2 and 0.5
    before = made.k
    made.after_step()
    assert abs(made.k.item() - 0.1 * (0.75 * 2 - 0.5)) < 1e-6
    assert made.k is before, "the buffer stays the one that a checkpoint knows"
    made.critic_terms(images(0.0, 0.0), images(-50.0, -50.0))
    made.after_step()
    assert made.k.item() == 0


def test_k_may_change_before_the_backward_pass():
    made = Adversary(Mean(), GAMES["began"])
    made.k.fill_(0.5)
    terms = made.critic_terms(images(-1.0, -1.0), images(-2.0, -2.0))
    made.after_step()
    torch.stack(list(terms.values())).sum().backward()
    assert abs(made.critic.a.grad.item() - (1.0 - 0.5 * 2.0)) < 1e-6


def test_smoothing_softens_the_real_label_only():
    made = Adversary(Mean(), GAMES["non-saturating"], stabilisers=Stabilisers(real_label=0.9))
    real, fake = images(0.7), images(-0.2)
    terms = made.critic_terms(real, fake)
    sigmoid = torch.sigmoid(torch.tensor([0.7, -0.2]))
    expected = -0.9 * sigmoid[0].log() - 0.1 * (1 - sigmoid[0]).log()
    assert abs(terms["real"] - expected) < 1e-6
    assert abs(terms["fake"] + (1 - sigmoid[1]).log()) < 1e-6


@pytest.mark.parametrize("name", ["wgan", "wgan-gp", "hinge", "began", "relativistic"])
def test_smoothing_without_labels_is_refused(name):
    with pytest.raises(Refusal, match="--real-label"):
        Adversary(nn.Linear(2, 1), GAMES[name], stabilisers=Stabilisers(real_label=0.9))


def test_instance_noise_fades_with_progress():
    made = Adversary(Mean(), GAMES["hinge"], stabilisers=Stabilisers(instance_noise=0.5))
    spread = []
    for progress in (0.0, 0.5, 1.0):
        made.critic.seen.clear()
        made.progress = progress
        made.critic_terms(torch.zeros(64, 1, 8, 8), torch.zeros(64, 1, 8, 8))
        spread.append(made.critic.seen[0][0].std().item())
    assert abs(spread[0] - 0.5) < 0.02 and abs(spread[1] - 0.25) < 0.01 and spread[2] == 0


def test_feature_matching_is_the_mean_l1_of_the_features():
    made = Adversary(Mean(3.0), GAMES["lsgan"], stabilisers=Stabilisers(feature_matching=10))
    terms = made.generator_terms(images(0.2, 0.4), images(1.0, 1.0))
    assert abs(terms["features"].item() - 10 * 0.7) < 1e-5, "the scores, three times as far apart, do not count"


def test_the_condition_reaches_the_critic_beside_its_picture():
    made = Adversary(build(PatchSpec(input_channels=1, given_channels=2, width=4, layers=1)), GAMES["lsgan"])
    real, fake, given = torch.zeros(2, 1, 16, 16), torch.ones(2, 1, 16, 16), torch.randn(2, 2, 16, 16)
    terms = made.critic_terms(real, fake, given)
    scores = made.critic(torch.cat([real, fake]), torch.cat([given, given]))
    expected = ((scores[:2] - 1).square().mean() + scores[2:].square().mean()) / 2
    assert abs(sum(terms.values()) - expected) < 1e-5


def test_one_pass_gives_what_two_passes_give():
    made = Adversary(build(PatchSpec(width=4, layers=2)), GAMES["hinge"])
    real, fake = torch.randn(2, 3, 32, 32), torch.randn(2, 3, 32, 32)
    together = made.critic_terms(real, fake)
    made.judge.one_pass = False
    apart = made.critic_terms(real, fake)
    assert all(abs(together[name] - apart[name]) < 1e-5 for name in together)


def test_critics_that_mix_samples_see_real_and_fake_apart():
    assert not Adversary(build(PatchSpec(width=4, minibatch="std")), GAMES["hinge"]).judge.one_pass
    assert not Adversary(build(PatchSpec(width=4, norm="batch")), GAMES["hinge"]).judge.one_pass


def test_the_unrolled_critic_is_gradient_descent_done_by_hand():
    made = Adversary(Mean(0.3), GAMES["non-saturating"], stabilisers=Stabilisers(unroll=2, unroll_rate=0.5))
    real, fake = images(1.0), images(-0.4).requires_grad_()
    slope = 0.3
    for _ in range(2):  # d/da [sp(-a r) + sp(a f)] = -r sigmoid(-a r) + f sigmoid(a f)
        slope -= 0.5 * (-torch.sigmoid(torch.tensor(-slope)) - 0.4 * torch.sigmoid(torch.tensor(-0.4 * slope))).item()
    fool = made.generator_terms(fake, real)["fool"]
    assert abs(fool.item() - torch.nn.functional.softplus(torch.tensor(0.4 * slope)).item()) < 1e-6
    fool.backward()
    with_answer = fake.grad.sum().item()
    without_answer = -slope * torch.sigmoid(torch.tensor(0.4 * slope)).item()
    assert abs(with_answer - without_answer) > 1e-3, "the gradient also goes through the critic's own steps"


def test_in_the_unrolled_zero_sum_game_the_generator_pays_what_the_critic_ahead_gains():
    made = Adversary(Mean(0.3), GAMES["minimax"], stabilisers=Stabilisers(unroll=1, unroll_rate=0.5))
    real, fake = images(1.0), images(-0.4)
    paid = sum(made.generator_terms(fake, real).values()).item()
    bill = sum(made.critic_terms(real, fake).values())
    (slope,) = torch.autograd.grad(bill, made.critic.a)
    with torch.no_grad():
        made.critic.a -= 0.5 * slope
    assert abs(paid + sum(made.critic_terms(real, fake).values()).item()) < 1e-6


def test_ebgan_pulls_codes_apart():
    made = Adversary(build(AutoencoderMLPSpec()), GAMES["ebgan"])
    terms = made.generator_terms(torch.randn(8, 2), torch.randn(8, 2))
    assert set(terms) == {"fool", "pull_away"} and 0 < terms["pull_away"].item() <= 0.1


def test_the_moving_average_has_the_newest_statistics():
    network = nn.ModuleDict({"g": nn.BatchNorm1d(3)})
    average = MovingAverage(network, 0.9)
    network["g"](torch.randn(8, 3) + 5)
    average.update(network, 1)
    assert torch.equal(average.networks["g"].running_mean, network["g"].running_mean)
    assert average.networks["g"].num_batches_tracked == 1 and not average.networks["g"].training


class TestReplayPool:
    def test_fills_first_then_swaps_about_half(self):
        torch.manual_seed(0)
        pool = ReplayPool(10)
        first = images(*range(10))
        assert torch.equal(pool(first)[0], first)
        returned = pool(images(*range(100, 1100)))[0][:, 0, 0, 0]
        old = sum(value != number for value, number in zip(returned.tolist(), range(100, 1100), strict=True))
        assert 430 < old < 570
        assert len(pool.kept) == 10

    def test_keeps_a_fake_with_its_condition(self):
        pool = ReplayPool(4)
        for number in range(40):
            fake, given = pool(images(number, number + 100), images(-number, -number - 100))
            assert torch.equal(fake, -given)

    def test_nothing_is_lost(self):
        """Every fake that went in has come out or is still kept."""
        pool, seen = ReplayPool(5), set()
        for number in range(50):
            seen |= set(pool(images(number))[0][:, 0, 0, 0].tolist())
        kept = {image[0, 0, 0].item() for image, _ in pool.kept}
        assert seen | kept == set(map(float, range(50)))


def test_the_moving_average_follows_its_formula():
    network = nn.ModuleDict({"g": nn.Linear(1, 1)})
    nn.init.constant_(network["g"].weight, 0.0)
    average = MovingAverage(network, 0.9)
    nn.init.constant_(network["g"].weight, 1.0)
    expected = 0.0
    for step in range(1, 40):
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay)
        average.update(network, step)
    assert abs(average.networks["g"].weight.item() - expected) < 1e-6
    assert not average.networks["g"].weight.requires_grad


class Told(nn.Module):
    """D(x, g) = g mean(x): as steep as what it is given."""

    def features(self, image, given=None):
        return [image, given * image.flatten(1).mean(1, keepdim=True)]

    def forward(self, image, given=None):
        return self.features(image, given)[-1]


def test_a_penalty_at_fakes_is_measured_next_to_what_the_fakes_are_given():
    """R3GAN with a replay pool: an older fake is judged next to the condition that it was made from."""
    made = Adversary(Told(), GAMES["r3gan"].with_penalty(1.0), stabilisers=Stabilisers(pool=1))
    old, new = torch.tensor([[3.0]]), torch.tensor([[1.0]])
    steep = {made.critic_terms(images(0.5), images(0.1), old)["penalty"].item()}
    for _ in range(12):  # of each two, one comes back from the pool, as often as not
        for given in (new, old):
            steep.add(round(made.critic_terms(images(0.5), images(0.1), given)["penalty"].item(), 5))
    squared = {1.0: 1 / 4, 3.0: 9 / 4}  # of the slope over 4 px
    both = {squared[real] + squared[fake] for real in squared for fake in squared}
    assert both == steep == {0.5, 2.5, 4.5}
    alike = Adversary(Told(), GAMES["r3gan"].with_penalty(1.0))
    assert alike.critic_terms(images(0.5), images(0.1), old)["penalty"].item() == pytest.approx(4.5)


def test_k_is_never_above_one():
    made = Adversary(Mean(), replace(GAMES["began"], balance=Balance(rate=0.1, diversity=0.75, start=0.95)))
    for _ in range(2):
        made.critic_terms(images(-2.0), images(-0.5))
        made.after_step()
        assert made.k.item() == 1


class Rolled(nn.Module):
    """Moves what it is given by one px, all of it alike, and adds light to the pictures alone."""

    def __init__(self):
        super().__init__()
        self.told = []

    def forward(self, images, *others):
        return images.roll(1, 3) + 1, *(other.roll(1, 3) for other in others)

    def observe(self, real_scores):
        pass

    def adapt(self, images, *, reduce=None):
        self.told.append(images)


def test_a_condition_that_is_a_picture_moves_with_its_picture():
    made = Adversary(Mean(), GAMES["hinge"], view=Rolled())
    real, fake = torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4)
    made.critic_terms(real, fake, given=real)
    shown, given = made.critic.seen[0]
    assert torch.equal(shown, torch.cat([real, fake]).roll(1, 3) + 1)
    assert torch.equal(given, torch.cat([real, real]).roll(1, 3))
    made.generator_terms(fake, real, given=real)
    shown, given = made.critic.seen[-1]
    assert torch.equal(shown, fake.roll(1, 3) + 1) and torch.equal(given, real.roll(1, 3))


def test_a_label_has_no_places_to_move():
    made = Adversary(Mean(), GAMES["hinge"], view=Rolled())
    label = torch.tensor([3, 5])
    made.critic_terms(torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4), given=label)
    assert made.critic.seen[0][1].tolist() == [3, 5, 3, 5]


def test_an_augmented_fake_is_judged_next_to_its_own_code():
    made = Adversary(Mean(), GAMES["hinge"], view=Rolled())
    of_real, of_fake = torch.tensor([[3.0], [5.0]]), torch.tensor([[7.0], [9.0]])
    made.critic_terms(torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4), given=of_real, code=of_fake)
    assert made.critic.seen[0][1].flatten().tolist() == [3, 5, 7, 9]


def test_augmentation_is_told_each_real_picture_of_all_ranks_once():
    """It counts them to know how fast its probability may rise."""
    made = Adversary(Mean(), GAMES["hinge"], view=Rolled())
    for count in (3, 2, 4):
        made.critic_terms(torch.randn(count, 1, 4, 4), torch.randn(count, 1, 4, 4))
        made.after_step(ranks=2)
    assert made.view.told == [6, 4, 8]


def test_flipped_labels_are_the_other_sides_for_that_share_of_the_pictures():
    made = Adversary(Mean(), GAMES["lsgan"], stabilisers=Stabilisers(label_flip=0.25))
    torch.manual_seed(0)
    terms = made.critic_terms(torch.full((4000, 1), 3.0), torch.full((4000, 1), 5.0))
    assert abs(terms["real"].item() - (0.75 * 2.0 + 0.25 * 4.5)) < 0.1  # (3 - 1)^2 / 2, and 3^2 / 2
    assert abs(terms["fake"].item() - (0.75 * 12.5 + 0.25 * 8.0)) < 0.15  # 5^2 / 2, and (5 - 1)^2 / 2
    torch.manual_seed(7)
    flipped = made._flipped(torch.zeros(64, 1, 8, 8))
    assert flipped.shape == (64, 1, 1, 1) and 0 < flipped.sum() < 64


@pytest.mark.parametrize("name", ["wgan", "hinge", "began", "relativistic", "fgan-kl"])
def test_without_labels_there_is_nothing_to_flip(name):
    with pytest.raises(Refusal, match="--label-flip"):
        Adversary(nn.Linear(2, 1), GAMES[name], stabilisers=Stabilisers(label_flip=0.1))
