"""One step of a game, whatever the recipe: it alone knows devices, precision, ranks, optimisers, schedules and EMA."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from img2img.adversarial import MovingAverage
from img2img.config.base import Refusal
from img2img.config.sections.run import Optimisation, Phase, Run
from img2img.fastest import Precision
from img2img.machine import arithmetic, cached_casts
from img2img.recipes.recipe import Batch, Recipe, Terms
from img2img.training.folder.checkpoint import to_device
from img2img.training.ranks import Ranks

from .placement import compile_in_place, compiled_parts, memory_layout
from .plateau import Plateau
from .player import Player
from .preparation import Preparation, followers
from .schedule import phase_at, rate_factor, seed_noise
from .turn import Turn


class BatchSource(Protocol):
    """Where batches come from: batch i of rank r is a function of (seed, i, r) alone."""

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Generator[dict[str, Tensor], None, None]: ...


class Trainer:
    """A recipe being trained.

    augment: raw batch on the device -> float32 batch in [-1, 1].
    total: length of the run in generator steps; the schedules refer to it.
    """

    def __init__(
        self,
        recipe: Recipe,
        augment: nn.Module,
        optimisation: Optimisation,
        run: Run,
        *,
        device: torch.device,
        precision: Precision,
        total: int,
        ranks: Ranks = Ranks(),
    ) -> None:
        self.recipe, self.augment, self.device, self.precision = recipe, augment.to(device), device, precision
        self.optimisation, self.run, self.total, self.ranks = optimisation, run, total, ranks
        self.layout = layout = memory_layout(run, device, precision, recipe.task)
        adversaries = nn.ModuleDict(recipe.adversaries)
        for networks in (recipe.generators, adversaries, recipe.frozen):
            networks.to(device)
            networks.to(memory_format=layout)  # type: ignore[call-overload]
            networks.train(networks is not recipe.frozen)
        ranks.share([recipe.generators, adversaries])
        self.average = MovingAverage(recipe.generators, optimisation.ema) if optimisation.ema else None
        self.preparation = Preparation(
            self.augment, optimisation.batch_size, run.seed, ranks.rank, device=device, layout=layout
        )
        player = partial(Player, options=optimisation, device=device, precision=precision, ranks=ranks)
        self.generators = player(recipe.generators, optimisation.lr, optimiser=optimisation.optimiser)
        critic_optimiser = optimisation.critic_optimiser or optimisation.optimiser
        self.critics = player(adversaries, optimisation.critic_lr or optimisation.lr, optimiser=critic_optimiser)
        self.phases = optimisation.phases(total)
        watched = any(phase.schedule == "plateau" for phase in self.phases)
        if watched and optimisation.plateau_of is None and not run.validate_every:
            raise Refusal(
                "--schedule plateau watches a loss, --plateau-of generator/fool, say, or the figure of --validate-every"
            )
        self.plateau = Plateau(optimisation) if watched else None
        players = [recipe.generators, adversaries, *([self.average.networks] if self.average else [])]
        self.followers = [part for player in players for part in followers(player)]
        self.step = 0
        self.skipped = 0
        self.skipped_in_row = 0
        self.whole = True
        """Whether the state lies between two steps, and can be saved."""
        if run.compile:
            compile_in_place(recipe)
        self.compiled = compiled_parts(recipe, device) if run.execution == "compiled" else None

    @property
    def batches_per_step(self) -> int:
        """Batches that one generator step takes from the data on each rank."""
        return self.recipe.critic_steps * self.optimisation.accumulate

    @property
    def images_per_step(self) -> int:
        """Images of each side or domain that one generator step sees, over all ranks."""
        return self.batches_per_step * self.optimisation.batch_size * self.ranks.count

    def batches(self, source: BatchSource) -> Generator[Batch, None, None]:
        """The batches from the next step on, ready for the networks."""
        options, ranks = self.optimisation, self.ranks
        wanted = self.step * self.batches_per_step
        first = self.preparation.first_of(wanted)
        with closing(
            source.batches(self.run.seed, first, options.batch_size, rank=ranks.rank, ranks=ranks.count)
        ) as raw:
            yield from self.preparation.stream(raw, wanted, self._progress_at)

    def _progress_at(self, batch: int) -> float:
        return batch // self.batches_per_step / self.total

    def take_step(self, batches: Iterator[Batch], stop: bool = False) -> tuple[Terms, bool]:
        """One generator step with its critic steps.

        stop: this rank's wish to end the run. Returns the terms charged, by player, and whether any rank has the wish.
        What goes wrong with the data is raised before anything of the state changes.
        """
        turns = [[next(batches) for _ in range(self.optimisation.accumulate)] for _ in range(self.recipe.critic_steps)]
        self.whole = False
        seed_noise(self.run.seed, self.ranks.rank, self.step)
        self.recipe.phase = self.phase.name
        if self.plateau and self.phase.schedule == "plateau":
            self.plateau.enter(self.phase.name)
        progress = self.step / self.total
        if any([part.follow_progress(progress) for part in self.followers]) and (self.run.compile or self.compiled):
            torch.compiler.reset()  # what was compiled for other stages counts towards the 8 graphs that torch keeps
        factor = self._rate_factor()

        if self.compiled and self.device.type == "cuda":
            torch.compiler.cudagraph_mark_step_begin()
        with cached_casts(self.device):
            return self._taken(turns, factor, stop)

    def _taken(self, turns: list[list[Batch]], factor: float, stop: bool) -> tuple[Terms, bool]:
        finite, watched = True, self.phase.schedule == "plateau"
        for number in range(self.recipe.critic_steps - 1):
            turn = Turn(self._play, number, turns[number], share_fakes=False)
            finite &= self._critics_turn(turn, factor)[1]
        last = self.recipe.critic_steps - 1
        self.generators.networks.requires_grad_(True)
        turn = Turn(self._play, last, turns[last], share_fakes=self.optimisation.accumulate == 1)
        if self.recipe.first == "critics":
            charged, critics_stepped = self._critics_turn(turn, factor)
            paid, generators_stepped, wish = self._generators_turn(turn, factor, stop)
        else:
            paid, generators_stepped, wish = self._generators_turn(turn, factor, stop)
            charged, critics_stepped = self._critics_turn(turn, factor)

        self.ranks.average_buffers([self.generators.networks, self.critics.networks])
        self.step += 1
        if finite and critics_stepped and generators_stepped:
            self.skipped_in_row = 0
        else:
            self.skipped += 1
            self.skipped_in_row += 1
        if self.average and generators_stepped:
            self.average.update(self.recipe.generators, self.step)
        terms = {f"generator/{name}": term.detach() for name, term in paid.items()}
        terms |= {f"critic/{name}": term.detach() for name, term in charged.items()}
        if self.plateau and watched:
            self.plateau.hear(terms, self.step, self.ranks.mean)
        self.whole = True
        if self.compiled:  # a recorded graph writes the next step's terms to the same places
            terms = {name: term.clone() for name, term in terms.items()}
        return terms, wish

    def _play(self, batch: Batch, draw: int | None) -> Terms:
        if draw is not None:
            seed_noise(self.run.seed, self.ranks.rank, self.step, draw)
        with arithmetic(self.precision, self.device):
            fakes = (self.compiled or self.recipe).play(batch)
        if not torch.is_grad_enabled():
            torch.clear_autocast_cache()  # these casts know of no gradients
        return fakes

    @property
    def phase(self) -> Phase:
        """Where in the run the next step lies."""
        return phase_at(self.phases, self.step)

    def _rate_factor(self) -> float:
        phase = self.phase
        done = self.step - phase.first
        options, watched = self.optimisation, self.plateau if phase.schedule == "plateau" else None
        falls = rate_factor(
            phase.schedule,
            done,
            phase.length,
            options.decay_from,
            options.restarts,
            options.restart_growth,
            every=options.step_every,
            drop=options.step_factor,
        )
        return phase.rate * falls * (watched.factor if watched else 1.0)

    def _critics_turn(self, turn: Turn, factor: float) -> tuple[Terms, bool]:
        self.critics.take_turn(other=self.generators)
        terms: Terms = {}
        for batch, fakes in turn.plays(for_generators=False):
            with arithmetic(self.precision, self.device):
                terms = (self.compiled or self.recipe).critic_terms(batch, fakes)
            if not terms:  # idle critics do not step, which would move their moments and their counters
                return {}, True
            self.critics.pay(terms, 1 / len(turn.drawn))
        stepped, _ = self.critics.step(factor)
        if stepped:
            for adversary in self.recipe.adversaries.values():
                adversary.after_step(self.ranks.mean, self.ranks.count)
        return terms, stepped

    def _generators_turn(self, turn: Turn, factor: float, stop: bool) -> tuple[Terms, bool, bool]:
        plays = turn.plays(for_generators=True)
        self.generators.take_turn(other=self.critics)
        terms: Terms = {}
        for batch, fakes in plays:
            with arithmetic(self.precision, self.device):
                terms = (self.compiled or self.recipe).generator_terms(batch, fakes)
            self.generators.pay(terms, 1 / len(turn.drawn))
        stepped, wish = self.generators.step(factor, stop)
        return terms, stepped, wish

    @property
    def best_generators(self) -> nn.ModuleDict:
        """The generators to keep: their moving average where there is one."""
        return self.average.networks if self.average else self.recipe.generators

    def rates(self) -> dict[str, float]:
        """Learning rates of the next step."""
        factor = self._rate_factor()
        return {"lr": self.generators.base_rate * factor, "critic_lr": self.critics.base_rate * factor}

    def look(self, figure: float) -> None:
        """Tells the schedule of a figure on held-out pictures, less being better, the same on every rank."""
        last = phase_at(self.phases, max(self.step - 1, 0))
        if self.plateau and last.schedule == "plateau" and self.optimisation.plateau_of is None:
            self.plateau.look(figure)

    def numbers(self) -> dict[str, float]:
        """Running state worth logging: k and p of the adversaries, steps skipped."""
        numbers: dict[str, float] = {}
        adversaries = self.recipe.adversaries.values()
        for adversary in adversaries:
            for name, value in adversary.numbers().items():
                numbers[name] = numbers.get(name, 0.0) + value / len(adversaries)
        return numbers | ({"skipped": float(self.skipped)} if self.skipped else {})

    def state_dict(self, alone: bool = False) -> dict[str, Any] | None:
        """Everything that a resumed run needs, on the first rank; None on the others. Every rank must call it.

        alone: no other rank does, as when this one fails: what is theirs alone, their pools, begins anew.
        """
        # Alone, no other rank answers: the losses since the last look are then this rank's.
        plateau = self.plateau.state_dict((lambda mine: mine) if alone else self.ranks.mean) if self.plateau else None
        own = {_own(name): adversary.local_state() for name, adversary in self.recipe.adversaries.items()}
        mine = to_device(own, torch.device("cpu"))
        everyones = [mine] if alone and self.ranks.is_first else None if alone else self.ranks.gather(mine)
        if everyones is None:
            return None
        return {
            "step": self.step,
            "skipped": self.skipped,
            "generators": dict(self.recipe.generators.state_dict()),
            "adversaries": dict(self.critics.networks.state_dict()),
            "average": dict(self.average.networks.state_dict()) if self.average else None,
            "players": {"generators": self.generators.state_dict(), "critics": self.critics.state_dict()},
            "pools": everyones,
        } | ({"plateau": plateau} if plateau else {})

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Puts back what state_dict gave; ranks that were not there before start with empty pools."""
        self.step, self.skipped = state["step"], state["skipped"]
        self.recipe.phase = phase_at(self.phases, max(self.step - 1, 0)).name
        self.recipe.generators.load_state_dict(state["generators"])
        if self.ranks.rank < len(state["pools"]):
            own = to_device(state["pools"][self.ranks.rank], self.device)
            for name, adversary in self.recipe.adversaries.items():
                adversary.load_local_state(own[_own(name)])
        self.critics.networks.load_state_dict(state["adversaries"])
        if self.average and state["average"]:
            self.average.networks.load_state_dict(state["average"])
        self.generators.load_state_dict(state["players"]["generators"])
        self.critics.load_state_dict(state["players"]["critics"])
        if self.plateau and state.get("plateau"):
            self.plateau.load_state_dict(state["plateau"])


def _own(name: str) -> str:
    """What a checkpoint calls what every rank has its own of, of this adversary."""
    return f"{name}.pool"
