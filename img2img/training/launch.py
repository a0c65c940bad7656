"""From options to a run: resolve, check the data, introduce what will be done, train, say what came of it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from rich.console import Console
from torch import nn

from img2img.config.base import Refusal, UserError
from img2img.config.networks import Spec
from img2img.config.sections.run import Optimisation, Run
from img2img.config.toml import ConfigError, Overrides, merged, read_toml, resolve
from img2img.data.augment import Augment, signed
from img2img.data.derive import Derive
from img2img.data.folders.summary import DataSummary, table
from img2img.data.loading.dataset import TrainingData
from img2img.fastest import training
from img2img.machine import choose_precision
from img2img.networks import initialise
from img2img.recipes.kind import Kind, TrainOptions
from img2img.recipes.recipe import Recipe
from img2img.training.begin.first_weights import start_from
from img2img.training.begin.kept_state import begin_with
from img2img.training.begin.resume import put_back, resumed, without_length
from img2img.training.folder.occupancy import occupied, reserved, unused
from img2img.training.folder.run_folder import RunFolder
from img2img.training.report.introduction import introduce
from img2img.training.step.schedule import seed_noise
from img2img.training.step.trainer import Trainer
from img2img.training.teaching.lessons import lessons
from img2img.training.teaching.taught import WithExamples
from img2img.weights.errors import WeightsError
from img2img.weights.find import resolve_path
from img2img.weights.headers import read_card

from .ends import Outcome
from .ranks import Ranks, device_of, process_group
from .session import Session
from .validation import Validation, validation_of


def launch(kind: Kind, given: Overrides, preset: str | None, config_file: Path | None) -> Outcome | None:
    """Runs one `train` command, or says that it is done already; None after --dry-run.

    Raises errors of one line for options, data and checkpoints that do not do; Stopped from the run.
    """
    started = time.monotonic()
    ranks = Ranks.from_environment()
    asked = merged(read_toml(config_file, kind.config) if config_file else {}, given)
    base = without_length(kind.config.starting_point(preset, asked), asked)
    config = resolve(kind.config, base, asked)
    run = cast(TrainOptions, config).run
    console = _console(quiet=run.quiet or not ranks.is_first)
    with process_group(ranks, device_of(ranks, run.device)), ExitStack() as within:
        folder = within.enter_context(_in_folder(kind.name, run, ranks, console))
        config, state = resumed(kind, config, folder, asked, base if preset else {}, console)
        options = cast(TrainOptions, config)
        data_options, optimisation, run = options.data, options.optimisation, options.run
        device = device_of(ranks, run.device)  # a run that is resumed keeps its own
        precision = choose_precision(run.precision, device, training(kind.recipe.task))
        torch.backends.cudnn.benchmark = True  # every step has the same shapes

        derive = kind.derive(config)
        # A run that is resumed has decoded every file before; headers tell what has changed.
        # The first rank does it for all.
        decode, tell = state is None and ranks.is_first, lambda summary: console.print(table(summary))
        data = kind.open(data_options, decode=decode, tell=tell)
        data.pinned = device.type == "cuda"
        data.unreadable.tell = _aloud(ranks)
        if decode and (found := derive.check()):
            console.print(found)

        seed_noise(run.seed, 0, 0, draw=1 << 20)  # the first weights are the same on every rank
        recipe = kind.recipe(config, data.sides)
        if left_out := _initialise(recipe, optimisation, resumed=state is not None):
            console.print(left_out)
        augment: nn.Module = nn.Sequential(Augment(data_options, paired=data.paired), derive)
        taught = lessons(kind, config, data, derive, recipe, device, ranks, console.print)
        augment = WithExamples(augment) if taught else augment
        total = _length(run, data, recipe, optimisation, ranks)
        optimisation = optimisation.with_length(total)
        config = config.model_copy(update={"optimisation": optimisation})
        trainer = Trainer(
            recipe, augment, optimisation, run, device=device, precision=precision, total=total, ranks=ranks
        )
        if state is None and optimisation.start_state:
            begin_with(trainer, optimisation.start_state)
        if state is not None:
            put_back(trainer, state, folder.checkpoint)
            if trainer.step > total or (trainer.step == total and _is_written(folder, total)):
                console.print(
                    f"{folder.path} is already finished: {trainer.step:,} of {total:,} steps; "
                    f"a larger --steps or --epochs goes on"
                )
                return Outcome(trainer.step, total, "finished", folder, ranks.is_first)
            console.print(f"resuming {folder.path} at step {trainer.step:,} of {total:,}")
        validation = _validation(trainer, data, derive, run, state, console)
        with _memory_in_words(device):
            introduce(trainer, taught or data, folder, console, measure=state is None and not (taught and run.dry_run))
            if run.dry_run:
                return None

            if ranks.is_first:
                folder.create()
            ranks.wait()
            seed_noise(run.seed, 0, 0, draw=1 << 21)  # the sheets of every session show the same
            fixed = derive({side: signed(images).to(device) for side, images in data.fixed(run.samples).items()})
            phrase, teachers = _phrase(data.summary, derive), _teachers(config, folder, state)
            session = Session(
                trainer, taught or data, config, run, folder, fixed, phrase, console, teachers, validation
            )
            outcome = session.go(started)
        _farewell(outcome, folder, recipe, console)
        if validation and folder.best_weights.is_file():
            console.print(f"best:    {folder.best_weights}, {validation}")
        return outcome


def _console(quiet: bool = False) -> Console:
    """Plain lines in a notebook, too: its cells are no terminal."""
    return Console(stderr=True, quiet=quiet, soft_wrap=True, highlight=False, force_jupyter=False)


def _aloud(ranks: Ranks) -> Callable[[str], None]:
    """How even a quiet run, and any rank, says what it has met."""
    console, by = _console(), f"rank {ranks.rank}: " if ranks.count > 1 else ""
    return lambda line: console.print(f"{by}{line}", markup=False)


@contextmanager
def _memory_in_words(device: torch.device) -> Iterator[None]:
    """One line for a device whose memory is too small, in the trial steps as in the run."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise ConfigError(
            f"{device}: out of memory; a smaller --batch-size or --size, --recompute or --precision bf16 needs less"
        ) from None


@contextmanager
def _in_folder(recipe: str, run: Run, ranks: Ranks, console: Console) -> Iterator[RunFolder]:
    """The run's folder, this run's own until it ends; a dry run makes none.

    The first rank reserves and locks it, the others learn of it. Raises Refusal where another run is in it.
    """
    if run.resume and run.out is None:
        raise ConfigError("--resume goes on with the run in a folder: name it with --out")
    with ExitStack() as held:
        path, refused = run.out, None
        if run.dry_run:
            path = path or unused(recipe)
        elif ranks.is_first:
            try:
                path = path or reserved(recipe)
                held.enter_context(occupied(path, console.print, made=run.out is None))
            except UserError as error:
                refused = error
            except (OSError, ValueError) as error:  # ValueError: a NUL in the name
                refused = Refusal(
                    f"{path or 'runs'}: no folder for a run ({getattr(error, 'strerror', None) or error})"
                )
        path, refused = ranks.of_first((path, refused))
        if refused:
            raise refused
        yield RunFolder(path)


def _length(run: Run, data: TrainingData, recipe: Recipe, optimisation: Optimisation, ranks: Ranks) -> int:
    """Length of the run in generator steps."""
    if run.steps and run.epochs:
        raise ConfigError(f"--steps {run.steps} and --epochs {run.epochs:g}: give one of them")
    images = optimisation.batch_size * optimisation.accumulate * recipe.critic_steps * ranks.count
    return run.length(data.steps_per_epoch(images))


def _initialise(recipe: Recipe, optimisation: Optimisation, resumed: bool) -> str:
    """First weights: drawn, or given. Returns what was not given, in a line; "" for nothing."""
    initialise_all(recipe, optimisation.initial_std, optimisation.initial_gain)
    return start_from(recipe, optimisation.start_from) if optimisation.start_from and not resumed else ""


def initialise_all(recipe: Recipe, std: float | None, gain: float | None = None) -> None:
    """Draws the first weights of all players from N(0, std); 0: they stay as built; None: as each network has it.

    gain: Xavier's instead.
    """
    cards = recipe.network_cards()
    described = [
        (network, cards[name].spec.initial_std if name in cards else Spec.initial_std)
        for name, network in recipe.generators.items()
    ]
    described += [(recipe.adversaries[name].critic, spec.initial_std) for name, spec in recipe.critics.items()]
    for network, own in described:
        chosen = own if std is None else std
        if gain is not None or chosen:
            initialise(network, chosen, gain=gain)


def _validation(
    trainer: Trainer, data: TrainingData, derive: Derive, run: Run, state: dict[str, Any] | None, console: Console
) -> Validation | None:
    """The looks at held-out pictures that the options ask for, as a run that is resumed left them; None for none."""
    if not run.validate_every:
        return None
    if not all(side.val for side in data.summary.sides.values()):
        console.print("validation: no pictures are held out (train/ and val/); the figure is of training pictures")
    seed_noise(run.seed, 0, 0, draw=(1 << 21) + 1)  # every session looks at the same
    pictures = data.fixed(run.validate_pictures)
    held_out = derive({side: signed(images).to(trainer.device) for side, images in pictures.items()})
    validation = validation_of(trainer, held_out, run)
    if state is not None and "validation" in state:
        validation.load_state_dict(state["validation"])
    return validation


def _phrase(summary: DataSummary, derive: Derive) -> str:
    """What the model card says of the data."""
    sides = [f"{side.name} ({side.train} pictures)" for side in summary.sides.values()]
    return ", ".join(part for part in (*sides, f"{summary.size} px", derive.phrase()) if part)


def _is_written(folder: RunFolder, step: int) -> bool:
    """Whether the weights are those of this step: a full disk may have left the checkpoint alone."""
    try:
        return read_card(folder.weights).steps == step
    except WeightsError:
        return False


def _teachers(config: Any, folder: RunFolder, state: dict[str, Any] | None) -> tuple[str, ...]:
    """Whom the networks learn from: the run's teacher, and those of the weights that it began or goes on with.

    state: that the run goes on from, None for one that begins.
    """
    known = (state or {}).get("teachers")
    if known is None:
        begun = config.optimisation.start_from
        earlier = [folder.weights] if folder.weights.is_file() else [resolve_path(begun)] if begun else []
        known = [name for path in earlier for name in read_card(path).teachers]
    own = config.teacher.in_words() if hasattr(config, "teacher") else ()
    return tuple(dict.fromkeys([*known, *own]))


def _farewell(outcome: Outcome, folder: RunFolder, recipe: Recipe, console: Console) -> None:
    at = f"step {outcome.step:,} of {outcome.total:,}"
    if outcome.reason == "finished":
        console.print(f"finished at {at}")
    else:
        console.print(f"{outcome.reason} at {at}, saved; `--out {folder.path} --resume` goes on")
    console.print(f"weights: {folder.weights}\npage:    {folder.path / 'index.html'}")
    if sys.stderr.isatty():
        target = next((to for card in recipe.network_cards().values() for to in card.leads_to), "")
        takes = {"translate": f" PHOTO --to {target}", "inpaint": " PHOTO --mask MASK", "sample": ""}
        console.print(f"try:     img2img {recipe.task}{takes.get(recipe.task, ' PHOTO')} --model {folder.path}")
