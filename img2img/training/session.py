"""A session of training: steps until the run is done or stopped, with logs, sheets, checkpoints and the page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from safetensors import SafetensorError
from torch import Tensor

from img2img import __version__
from img2img.config.base import Config, UserError
from img2img.config.card import ModelCard
from img2img.config.durations import seconds
from img2img.config.sections.run import Run
from img2img.config.toml import to_toml
from img2img.machine import memory_gib
from img2img.training.folder.checkpoint import save_checkpoint
from img2img.training.folder.logs import RunLog
from img2img.training.folder.run_folder import RunFolder
from img2img.training.report.page import write_report
from img2img.training.report.progress import Progress
from img2img.training.report.samples import Samples
from img2img.training.step.charges import Charges
from img2img.training.step.trainer import BatchSource, Trainer
from img2img.weights.errors import WeightsError
from img2img.weights.files import save

from .ends import CannotSave, Diverged, Outcome, Stopped
from .ranks import RankLost
from .stopping import Stop, stop_on_signals
from .supply import Supply
from .validation import Validation

MOST_SKIPPED_IN_ROW = 20
IDLE_STEPS = 100
"""Steps in a row without gradients after which that is said. A network whose last layer begins at zero has one."""


class Session:
    """The trainer, its data and its folder.

    fixed: the batch of the sample sheets, (N, C, H, W) in [-1, 1] for each side or domain.
    data_phrase: what the model card says of the data. teachers: whom it names as such.
    """

    def __init__(
        self,
        trainer: Trainer,
        data: BatchSource,
        config: Config,
        run: Run,
        folder: RunFolder,
        fixed: Mapping[str, Tensor],
        data_phrase: str,
        console: Console,
        teachers: tuple[str, ...] = (),
        validation: Validation | None = None,
    ) -> None:
        self.trainer, self.data, self.config, self.run, self.folder = trainer, data, config, run, folder
        self.samples = Samples(trainer, folder, fixed)
        self.data_phrase, self.teachers = data_phrase, teachers
        self.validation = validation
        self.console = console
        self.charges = Charges()
        self.saved = trainer.step
        """The step whose state lies in the folder; 0: none."""
        self.overdue = False

    def go(self, started: float | None = None) -> Outcome:
        """Trains to the end, the time limit or a signal; saves in each case, and where anything else ends the run.

        started: when the time limit began to run, by time.monotonic [default: now].

        Raises Diverged with the last checkpoint as it was, Stopped where data or files end the run, LogError.
        """
        trainer, is_first = self.trainer, self.trainer.ranks.is_first
        limit = seconds(self.run.time_limit) if self.run.time_limit else None
        batches = trainer.batches(self.data)
        supply = Supply(batches, trainer.ranks)
        resumed_from = trainer.step or None
        log = RunLog(self.folder.path, resumed_from, self.run.tensorboard) if is_first else None
        with (
            closing(batches),
            stop_on_signals(limit, started) as stop,
            Progress(
                trainer.total, trainer.step, trainer.recipe.name, self.console, trainer.images_per_step
            ) as progress,
            closing(log) if log else nullcontext(),
            self._saved_at_any_end(),
        ):
            if log and trainer.step == 0:
                with self._writing():
                    log.image(trainer.step, "samples", self.samples.save())
            wish = False
            while trainer.step < trainer.total and not wish:
                terms, wish = trainer.take_step(supply, stop.reason is not None or supply.failed is not None)
                if trainer.ranks.count == 1:  # several ranks must end at the same step: they vote in the next one
                    wish = stop.reason is not None
                self.charges.add(terms)
                self._keep_watch(progress)
                figures = self._validate(progress)
                if figures or trainer.step % self.run.log_every == 0 or trainer.step == trainer.total:
                    self._log(log, progress, stop, figures)
                elif is_first:
                    progress.update(trainer.step)
                if trainer.step < trainer.total and not wish:
                    self._leave(log, progress)
            self._leave(log, progress, last=True)
            if trainer.step < trainer.total:
                supply.raise_what_any_rank_met()
            reason = self._why(stop)
        return Outcome(trainer.step, trainer.total, reason, self.folder, is_first)

    @contextmanager
    def _saved_at_any_end(self) -> Iterator[None]:
        """Whatever ends the run: where the trainer's state is whole it is saved first, and that is said."""
        try:
            yield
        except Diverged:
            raise
        except (UserError, OSError) as error:
            kept = self._keep(lost=isinstance(error, RankLost))
            raise Stopped(f"{' '.join(str(error).split())}; {kept}") from error
        except Exception:  # a mistake of ours, which shows its trace
            self.console.print(self._keep())
            raise

    def _keep(self, lost: bool = False) -> str:
        """Saves what is not saved and can be; says in words what of the run there is.

        lost: another rank is. Messages to it fail before a player takes its step, never within one, so that each
        player is whole; at most the critics have had one turn more than the generators.
        """
        trainer = self.trainer
        worth = (trainer.whole or lost) and not trainer.skipped_in_row and trainer.step > self.saved
        if worth and trainer.ranks.is_first:
            try:
                self.save(alone=True)
            except (UserError, OSError, SafetensorError) as error:
                return f"step {trainer.step:,} cannot be saved ({' '.join(str(error).split())}); {self._last()}"
        return self._last()

    def _last(self) -> str:
        """What there is to go on from."""
        if not self.folder.checkpoint.is_file():
            return "nothing of the run had been saved"
        return f"step {self.saved:,} is saved; `--out {self.folder.path} --resume` goes on"

    def _why(self, stop: Stop) -> Any:
        if self.trainer.step >= self.trainer.total:
            return "finished"
        return stop.reason or "interrupted"  # another rank's wish

    def _keep_watch(self, progress: Progress) -> None:
        in_row = self.trainer.skipped_in_row
        if in_row in (1, 5, 10):
            progress.note(f"step {self.trainer.step}: loss not finite, step skipped ({in_row} in a row)")
        for side, player in (("generators", self.trainer.generators), ("critics", self.trainer.critics)):
            if player.idle_steps == IDLE_STEPS:
                progress.note(
                    f"step {self.trainer.step}: no gradient has reached half of the {side}' weights for {IDLE_STEPS} "
                    f"steps, so they learn nothing: activations may have died, or one side won; a lower --lr may help"
                )
        if in_row >= MOST_SKIPPED_IN_ROW:
            raise Diverged(
                f"the loss was not finite for {in_row} steps in a row, up to step {self.trainer.step}; {self._last()}; "
                f"a lower --lr, a gradient penalty or --precision fp32 may help"
            )

    def _validate(self, progress: Progress) -> dict[str, float]:
        """Looks at held-out pictures where it is time to, and keeps the best weights. Every rank must call it."""
        trainer, validation, every = self.trainer, self.validation, self.run.validate_every
        due = every and (trainer.step % every == 0 or trainer.step == trainer.total)
        if validation is None or not due or trainer.skipped_in_row:
            return {}
        value, is_best = validation.look()
        trainer.look(validation.sign * value)
        if is_best and trainer.ranks.is_first:
            with self._writing():
                self._save_weights(self.folder.best_weights)
        trainer.ranks.wait()
        progress.note(f"step {trainer.step}: {validation.name} {value:.4g}{', the best so far' if is_best else ''}")
        return {f"validation/{validation.name}": value}

    def _log(self, log: RunLog | None, progress: Progress, stop: Stop, figures: Mapping[str, float]) -> None:
        """Every rank must call it: losses are means over all ranks' pictures; `log` is the first rank's."""
        means = self.charges.means(self.trainer.ranks)
        if log is None or means is None:
            return
        numbers = {**means, **figures, **self.trainer.rates(), **self.trainer.numbers()}
        numbers |= {"images_per_second": progress.images_per_second, "memory_gib": memory_gib(self.trainer.device)}
        progress.log(self.trainer.step, numbers)
        with self._writing():
            log.write(self.trainer.step, {"seconds": stop.elapsed} | numbers)

    def _leave(self, log: RunLog | None, progress: Progress, last: bool = False) -> None:
        """Writes what is due at this step; everything after the last. Nothing is saved while steps are skipped.

        The sheet comes first: what a kill after it takes away is drawn again, and never left out.
        """
        step, run = self.trainer.step, self.run
        self.overdue |= step % run.save_every == 0
        good = not self.trainer.skipped_in_row
        if last and not good:
            raise Diverged(f"ended at step {step:,} while the loss was not finite, which is not saved; {self._last()}")
        save_now = (last or self.overdue) and good
        sample_now = last or step % run.sample_every == 0
        with self._writing():
            if log and sample_now:
                log.image(step, "samples", self.samples.save())
            if save_now:
                self.save()
            if log and sample_now:
                self._page(progress)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """In words, what file of the run cannot be written."""
        try:
            yield
        except (OSError, SafetensorError, WeightsError) as error:
            raise CannotSave(f"{self.folder.path}: cannot write at step {self.trainer.step} ({error})") from error

    def save(self, alone: bool = False) -> None:
        """Checkpoint, then weights; each replaces the old file only when it is whole. Every rank must call it.

        alone: the first rank does without the others.
        """
        state = self.trainer.state_dict(alone)
        if state is not None:
            told = {"config": self.config.model_dump(mode="json"), "teachers": list(self.teachers)}
            best = {"validation": self.validation.state_dict()} if self.validation else {}
            save_checkpoint(self.folder.checkpoint, state | told | best)
            self.saved = self.trainer.step
            self.folder.write_text(self.folder.config, to_toml(self.config))
            self._save_weights(self.folder.weights)
        self.overdue = False
        if not alone:
            self.trainer.ranks.wait()
            self.saved = self.trainer.step

    def _save_weights(self, path: Path) -> None:
        card, networks = self.card(), self.trainer.best_generators
        save(path, {name: networks[name] for name in card.networks}, card)

    def card(self) -> ModelCard:
        """What the weights file says of itself."""
        trainer = self.trainer
        return ModelCard(
            task=trainer.recipe.task,
            networks=trainer.recipe.network_cards(),
            recipe=trainer.recipe.name,
            game=trainer.recipe.game,
            data=self.data_phrase,
            teachers=self.teachers,
            steps=trainer.step,
            images_seen=trainer.step * trainer.images_per_step,
            ema=trainer.optimisation.ema or None,
            created_with=f"img2img {__version__}, torch {torch.__version__}",
        )

    def _page(self, progress: Progress) -> None:
        rate = progress.images_per_second
        left = (self.trainer.total - self.trainer.step) * self.trainer.images_per_step
        facts = {
            "recipe": self.trainer.recipe.name,
            "game": self.trainer.recipe.game,
            "step": self.trainer.step,
            "total": self.trainer.total,
            "device": str(self.trainer.device),
            "precision": self.trainer.precision,
            "images_per_second": round(rate, 2),
            "eta_seconds": round(left / rate) if rate and math.isfinite(rate) else None,
            "memory_gib": round(memory_gib(self.trainer.device), 2),
            "data": self.data_phrase,
            "best": str(self.validation or "") or None,
        }
        self.folder.write_summary({name: value for name, value in facts.items() if value is not None})
        try:
            write_report(self.folder.path)
        except ValueError as error:  # a sheet that somebody damaged, say: the page is no reason to end a run
            progress.note(f"no page at step {self.trainer.step}: {error}")
