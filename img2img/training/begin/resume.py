"""Goes on with a run: its saved options beneath those of the call, what may not change, its state."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from rich.console import Console

from img2img.config.base import Config, sections
from img2img.config.toml import ConfigError, Overrides, difference, resolve
from img2img.recipes.kind import Kind, TrainOptions
from img2img.training.folder.checkpoint import CheckpointError, read_state
from img2img.training.folder.run_folder import RunFolder
from img2img.training.step.trainer import Trainer


def resumed(
    kind: Kind, config: Any, folder: RunFolder, asked: Overrides, preset: Overrides, console: Console
) -> tuple[Any, dict[str, Any] | None]:
    """The config, and the state to go on from. preset: what one that is named asks for, {} for none."""
    run = cast(TrainOptions, config).run
    if not run.resume:
        if folder.checkpoint.exists():
            raise ConfigError(f"{folder.path} holds a run already; --resume goes on with it, another --out starts anew")
        return config, None
    state = read_state(folder.checkpoint)
    kept = _without_per_session(kind.config, state["config"])
    try:
        saved = resolve(kind.config, kept)
    except ConfigError as error:
        raise CheckpointError(
            f"{folder.checkpoint}: not a checkpoint of `train {kind.name}`, or one of another version ({error})"
        ) from None
    # The saved options are the base, so that a resume need not repeat them.
    config = resolve(kind.config, without_length(kept, asked), preset, asked)
    _compare(saved, config, folder, console)
    return config, state


def put_back(trainer: Trainer, state: dict[str, Any], path: Path) -> None:
    """Gives the trainer the state read from `path`. Raises CheckpointError where it is another run's."""
    try:
        trainer.load_state_dict(state)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, RuntimeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(f"{path}: does not hold the state of this run ({reason})") from None


def _without_per_session(config: type[Config], saved: Overrides) -> Overrides:
    """A checkpoint's options but for those of the call that wrote it: its time limit, say, was that call's own.

    What was no option yet when it was written has the value that the run was made with.
    """
    kinds = sections(config)
    return {
        section: kinds[section].in_older_runs
        | {name: value for name, value in options.items() if name not in kinds[section].per_session}
        for section, options in saved.items()
        if section in kinds
    }


def without_length(base: Overrides, asked: Overrides) -> Overrides:
    """The base; without its --steps or --epochs where a length is asked for, of which there is one."""
    lengths = {"steps", "epochs"}
    if not lengths & asked.get("run", {}).keys():
        return base
    return base | {"run": {name: value for name, value in base.get("run", {}).items() if name not in lengths}}


def _compare(saved: Config, config: Config, folder: RunFolder, console: Console) -> None:
    """Lists what differs from the checkpoint, and refuses what its tensors or its meaning depend on."""
    kinds = sections(config)
    changes = [change for change in difference(saved, config) if change[1] not in kinds[change[0]].per_session]
    for _, option, old, new in changes:
        console.print(f"changed since the checkpoint: --{option.replace('_', '-')} {old} → {new}")
    refused = [
        f"--{option.replace('_', '-')} {new} (the run has {old})"
        for section, option, old, new in changes
        if option in kinds[section].fixed
    ]
    if refused:
        raise ConfigError(f"{folder.path}: a resumed run cannot change {', '.join(refused)}")
