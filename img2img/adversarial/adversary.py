"""The adversary: one discriminator playing one game, with what it sees and what it remembers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.run_progress import FollowsProgress

from .games import Game
from .judge import Judge
from .penalties import of_pairs, per_sample, points, rows, slope_penalty
from .pool import ReplayPool
from .pull_away import pull_away
from .readout import Readout
from .stabilisers import Stabilisers, refuse_mismatches
from .unroll import unrolled

Reduce = Callable[[Tensor], Tensor]
"""The mean of a tensor over ranks."""


class View(Protocol):
    """Differentiable augmentation of what the critic sees: images and their conditions, moved alike."""

    p: Tensor
    """With what probability each transformation happens, where that is steered."""

    def __call__(self, images: Tensor, *others: Tensor) -> tuple[Tensor, ...]: ...
    def observe(self, real_scores: Tensor) -> None: ...
    def adapt(self, images: int, *, reduce: Reduce | None = None) -> None: ...


def alone(value: Tensor) -> Tensor:
    """The mean over one rank."""
    return value


class Adversary(nn.Module, FollowsProgress):
    """One critic, one game.

    critic: a network that is a `Scorer`.
    view: what the critic sees of a picture; a module, so that its state is in the checkpoint.
    readout: what the critic's `read(features)` is to find out, where it has such a head.
    Raises Refusal where the parts do not go together.
    """

    k: Tensor
    view: View | None

    def __init__(
        self,
        critic: nn.Module,
        game: Game,
        *,
        stabilisers: Stabilisers = Stabilisers(),
        view: View | None = None,
        readout: Readout | None = None,
    ) -> None:
        super().__init__()
        refuse_mismatches(critic, game, stabilisers, readout)
        self.critic = critic
        self.game = game
        self.stabilisers = stabilisers
        self.view = view
        self.readout = readout
        self.judge = Judge(critic, reads=readout is not None)
        self.pool = ReplayPool(stabilisers.pool)
        self.progress = 0.0
        """Share of the run that is done: instance noise fades with it."""
        self.steps = 0
        """Critic steps taken: lazy penalties count them."""
        self.register_buffer("k", torch.tensor(game.balance.start if game.balance else 0.0))
        self._energies: Tensor | None = None
        self._images = 0

    def critic_terms(
        self, real: Tensor, fake: Tensor, given: Tensor | None = None, code: Tensor | None = None
    ) -> dict[str, Tensor]:
        """What the critic pays, as named scalars that add up to its loss: real, fake, and penalty where one is due.

        real, fake: (N, ...) float32, images in [-1, 1]; given: what both are judged next to. code: of fakes, (N, Z),
        where a picture and its code are judged as one: given is then the code of each real. The fakes and what is given
        are detached.
        """
        given = None if given is None else given.detach()
        fake, fake_given = self.pool(fake.detach(), given if code is None else code.detach())
        real, real_given, fake, fake_given = self._see_both(real, given, fake, fake_given)
        on_real, on_fake = self.judge.both(real, real_given, fake, fake_given)
        self._remember(on_real.scores, on_fake.scores)
        terms = self._costs(on_real.scores, on_fake.scores)
        terms.update(self._misreadings(on_real.read, real_given, on_fake.read, fake_given))
        terms.update(self._penalty(real, real_given, fake, fake_given, in_pairs=code is not None))
        return terms

    def _misreadings(
        self, on_real: Tensor, real_given: Tensor | None, on_fake: Tensor, fake_given: Tensor | None
    ) -> dict[str, Tensor]:
        if self.readout is None or real_given is None or fake_given is None:
            return {}
        terms = {"read_fake": self.readout.cost(on_fake, fake_given)} if self.readout.on_fake else {}
        return terms | ({"read_real": self.readout.cost(on_real, real_given)} if self.readout.on_real else {})

    def _costs(self, real_scores: Tensor, fake_scores: Tensor) -> dict[str, Tensor]:
        real_scores, fake_scores = self.game.related(real_scores, fake_scores)
        paid = self.game.real(real_scores)
        if self.game.fake is None:
            return {"real": paid.mean()}
        if (label := self.stabilisers.real_label) < 1:  # arXiv:1606.03498, section 3.4: only the real side is softened
            paid = label * paid + (1 - label) * self.game.fake(real_scores)
        charged = self.game.fake(fake_scores)
        if self.stabilisers.label_flip:
            paid = torch.where(self._flipped(real_scores), self.game.fake(real_scores), paid)
            charged = torch.where(self._flipped(fake_scores), self.game.real(fake_scores), charged)
        on_fake = charged.mean()
        # A copy: after_step changes k while this graph may still be waiting for its backward pass.
        return {"real": paid.mean(), "fake": self.k.clone() * on_fake if self.game.balance else on_fake}

    def _flipped(self, scores: Tensor) -> Tensor:
        """Which pictures, with all of their scores, have the other side's target: bool (N, 1, ...)."""
        drawn = torch.rand(len(scores), *[1] * (scores.dim() - 1), device=scores.device)
        return drawn < self.stabilisers.label_flip

    @torch.compiler.disable  # torch.compile has no double backward, and which penalties are due changes with the step
    def _penalty(
        self, real: Tensor, real_given: Tensor | None, fake: Tensor, fake_given: Tensor | None, *, in_pairs: bool
    ) -> dict[str, Tensor]:
        due = [penalty for penalty in self.game.penalties if self.steps % penalty.every == 0]
        pair = of_pairs(self.critic, real) if in_pairs else None
        if in_pairs and real_given is not None and fake_given is not None:
            real, fake = rows(real, real_given), rows(fake, fake_given)
        slopes = []
        for penalty in due:
            given = fake_given if penalty.at == "fake" else real_given
            judge = pair or partial(self.judge.scores, given=given)
            slope = slope_penalty(judge, points(penalty, real, fake), penalty.target)
            slopes.append(penalty.weight * penalty.every * slope)
        return {"penalty": torch.stack(slopes).sum()} if slopes else {}

    def _remember(self, real_scores: Tensor, fake_scores: Tensor) -> None:
        self._images += len(real_scores)
        if self.game.balance:
            self._energies = -torch.stack([real_scores.mean(), fake_scores.mean()]).detach()
        if self.view is not None:
            self.view.observe(per_sample(real_scores.detach()))

    def generator_terms(
        self, fake: Tensor, real: Tensor, given: Tensor | None = None, code: Tensor | None = None
    ) -> dict[str, Tensor]:
        """What the generator pays to this critic: fool; read, features, pull_away and, unrolled, mislead where they are
        on.

        fake: (N, ...) attached to the generator; real: the same step's real samples, for relativistic games, feature
        matching and unrolling. given, code: as in `critic_terms`.
        """
        fake, fake_given = self._see(fake, given if code is None else code)
        compared = self.game.relative != "no" or self.stabilisers.unroll or self.stabilisers.feature_matching
        real, real_given = self._see(real, given) if compared else (real, given)
        if self.stabilisers.unroll:
            ahead = self._ahead(real, real_given, fake, fake_given)
            on_real = ahead(real, real_given).float()
            terms = {"fool": self.game.fooling(ahead(fake, fake_given).float(), lambda: on_real)}
            if self.game.relative == "no":
                # The generator moves the critic ahead, and with it what that critic pays on real (arXiv:1611.02163,
                # equations 7 to 9). Without this term it is paid for a critic that takes everything for real.
                terms["mislead"] = -self.game.real(on_real).mean()
            return terms

        features = self.judge.scorer.features(fake, fake_given)
        scores = features[-1].float()
        terms = {"fool": self.game.fooling(scores, lambda: self.judge.scores(real, real_given))}
        if self.readout is not None and fake_given is not None:
            terms["read"] = self.readout.cost(self.judge.read(features), fake_given)
        if self.stabilisers.feature_matching:
            with torch.no_grad():
                wanted = self.judge.scorer.features(real, real_given)
            gaps = [l1_loss(got.float(), want.float()) for got, want in zip(features[:-1], wanted, strict=False)]
            # The mean over layers (arXiv:1711.11585, equation 4, with its 1/T).
            terms["features"] = self.stabilisers.feature_matching * torch.stack(gaps).mean()
        if self.game.pull_away:
            terms["pull_away"] = self.game.pull_away * pull_away(features[-2].float())
        return terms

    def encoder_terms(self, real: Tensor, code: Tensor) -> dict[str, Tensor]:
        """What an encoder pays to a critic of pairs for real pictures (N, ...) and the codes (N, Z) that it gave them:
        disguise (arXiv:1605.09782, equation 3). In a relative game the difference that is paid for has them already.
        """
        if self.game.relative != "no":
            return {}
        real, given = self._see(real, code)
        return {"disguise": self.game.disguise(self.judge.scores(real, given)).mean()}

    def _ahead(
        self, real: Tensor, real_given: Tensor | None, fake: Tensor, fake_given: Tensor | None
    ) -> Callable[..., Tensor]:
        def loss(critic: Callable[..., Tensor]) -> Tensor:
            scores = critic(real, real_given).float(), critic(fake, fake_given).float()
            return torch.stack(list(self._costs(*scores).values())).sum()

        return unrolled(self.critic, loss, self.stabilisers.unroll, self.stabilisers.unroll_rate)

    @torch.no_grad()
    def after_step(self, reduce: Reduce = alone, ranks: int = 1) -> None:
        """Clips the weights, moves BEGAN's k and the adaptive augmentation's p; both are the same on every rank.

        reduce: the mean over `ranks` ranks.
        """
        self.steps += 1
        if self.game.clip is not None:
            for weight in self.critic.parameters():
                weight.clamp_(-self.game.clip, self.game.clip)
        if self.game.balance and self._energies is not None:
            on_real, on_fake = reduce(self._energies)
            moved = self.k + self.game.balance.rate * (self.game.balance.diversity * on_real - on_fake)
            self.k.copy_(moved.clamp(0, 1))
        if self.view is not None:
            self.view.adapt(self._images * ranks, reduce=reduce)
        self._images = 0

    def numbers(self) -> dict[str, float]:
        """Running state worth logging: k, and the augmentation's p."""
        numbers = {"k": float(self.k)} if self.game.balance else {}
        if self.view is not None:
            numbers["augment_p"] = float(self.view.p)
        return numbers

    def follow_progress(self, progress: float) -> bool:
        """Instance noise fades with it."""
        self.progress = progress
        return False

    def local_state(self) -> dict[str, Any]:
        """What every rank has its own of, and the state_dict therefore has not: the replay pool."""
        return self.pool.local_state()

    def load_local_state(self, state: dict[str, Any]) -> None:
        """Puts back what local_state gave."""
        self.pool.load_local_state(state)

    def get_extra_state(self) -> dict[str, Any]:
        """Counters for the checkpoint."""
        return {"steps": self.steps}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Puts back what get_extra_state gave. Raises ValueError, TypeError or KeyError for anything else."""
        self.steps = int(state["steps"])

    def _see_both(
        self, real: Tensor, real_given: Tensor | None, fake: Tensor, fake_given: Tensor | None
    ) -> tuple[Tensor, Tensor | None, Tensor, Tensor | None]:
        """As `_see` each, augmented at once where they are of one shape: a GPU is then asked for half as much."""
        alike = real.shape[1:] == fake.shape[1:] and (real_given is None) == (fake_given is None)
        if self.view is None or not alike:
            return *self._see(real, real_given), *self._see(fake, fake_given)
        count = len(real)
        given = None if real_given is None or fake_given is None else torch.cat([real_given, fake_given])
        images, given = self._see(torch.cat([real, fake.to(real.dtype)]), given)
        if given is None:
            return images[:count], None, images[count:], None
        return images[:count], given[:count], images[count:], given[count:]

    def _see(self, images: Tensor, given: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """What the critic is shown: augmented, then with fading noise (arXiv:1610.04490)."""
        if self.view is not None:
            # A label or a code has no places that could move with the picture's.
            moving = [given] if given is not None and given.dim() == images.dim() else []
            images, *moved = self.view(images, *moving)
            given = moved[0] if moved else given
        if self.stabilisers.instance_noise:
            images = self._noisy(images)
        return images, given

    @torch.compiler.disable  # the progress changes with the step, and is a number of the host
    def _noisy(self, images: Tensor) -> Tensor:
        noise = self.stabilisers.instance_noise * (1 - self.progress)
        return images + noise * torch.randn_like(images) if noise > 0 else images
