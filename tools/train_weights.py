"""Trains the weights that are shipped, one name a call, in as many sittings as it takes.

    python tools/train_weights.py                                                   what can be made
    python tools/train_weights.py light-x4 --data PHOTOS --time-limit 2h            begin, and go on

A sitting goes on where runs/weights/NAME stopped; where that folder is gone, from weights/NAME.safetensors and from
the critic and second moments in weights/training/. Whatever ends it, its weights are in weights/ then, in float16, with
figures if --benchmarks names where to measure them. $IMG2IMG_VGG19 names the feature network that training with a
critic needs, $IMG2IMG_LPIPS those that LPIPS needs.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from held_out import EVERY, linked
from weights_recipes import RECIPES, Recipe
from weights_ways import Measure

from img2img.cli.errors import DONE, INTERRUPTED, SOME_FAILED, WRONG_USAGE, fail, refusals
from img2img.config.base import Refusal
from img2img.config.card import ModelCard
from img2img.config.toml import Overrides, read_toml, resolve
from img2img.training.begin.kept_state import keep_state
from img2img.training.ends import CannotSave, Diverged
from img2img.training.folder.checkpoint import load_checkpoint
from img2img.training.folder.logs import read_log
from img2img.training.folder.run_folder import RunFolder
from img2img.training.launch import launch
from img2img.weights.blend import blend
from img2img.weights.files import load, read_card, save
from img2img.weights.find import SUFFIX

HOURS = "hours of training"
"""Among a card's figures."""


@dataclass(frozen=True)
class Places:
    """Where things lie: the weights of this name, and the folder of the run that makes them.

    What the run begins with is copied into its folder, since shipped weights are replaced after each sitting.
    """

    name: str
    weights: Path
    run: RunFolder

    @property
    def shipped(self) -> Path:
        """What the tool makes."""
        return self.weights / f"{self.name}{SUFFIX}"

    @property
    def state(self) -> Path:
        """What is kept of the run besides: its critics and second moments."""
        return self.weights / "training" / f"{self.name}{SUFFIX}"

    @property
    def earlier(self) -> Path:
        """What had been shipped under this name before the run began, if anything: its steps and hours count."""
        return self.run.path / f"{self.name}{SUFFIX}"

    def goes_on(self, recipe: Recipe) -> bool:
        """Whether what is shipped is of the recipe's network: weights of another one are not gone on with."""
        return self.shipped.exists() and recipe.spec() in [
            network.spec for network in read_card(self.shipped).networks.values()
        ]

    def first_weights(self, recipe: Recipe) -> Overrides:
        """Copies what a fresh run is to begin with, and says so in options; none where there is nothing.

        The copy of a run that ended before it saved anything goes, since this one may begin with something else.
        """
        self.earlier.unlink(missing_ok=True)
        for name in (*([self.name] if self.goes_on(recipe) else []), recipe.begins):
            source = self.weights / f"{name}{SUFFIX}"
            if source.exists():
                self.run.path.mkdir(parents=True, exist_ok=True)
                options = {"start_from": str(shutil.copyfile(source, self.run.path / source.name))}
                if name == self.name and self.state.exists():
                    kept = self.run.path / f"state{SUFFIX}"
                    options["start_state"] = str(shutil.copyfile(self.state, kept))
                return {"optimisation": options}
        return {}


# -- training ----------------------------------------------------------------------------------------------------------


def options(
    recipe: Recipe, places: Places, data: Path | None, steps: int | None, run: dict[str, str], teacher: dict[str, Any]
) -> Overrides:
    """The options of this sitting: all for a fresh run, for another one only what is said anew.

    steps: in all, those of earlier runs among them.
    """
    given: Overrides = {"data": {}, "optimisation": {}, "run": {**run, "out": places.run.path}}
    if data:
        given["data"]["images"] = data
    if teacher:
        given["teacher"] = teacher
    if places.run.checkpoint.exists():
        given["run"]["resume"] = True
        if steps:
            given["run"]["steps"] = _left(steps, places)
        return given
    if data is None:
        raise Refusal("name the folder of photos with --data DIR")
    given["optimisation"] |= places.first_weights(recipe).get("optimisation", {})
    given["run"]["steps"] = _left(steps or recipe.sections["run"]["steps"], places)
    if pretrain := recipe.sections["optimisation"].get("pretrain_steps"):
        given["optimisation"]["pretrain_steps"] = _left(pretrain, places, least=0)
    presets = recipe.way.kind.config.presets
    layers = (presets[recipe.preset] if recipe.preset else {}, recipe.sections, given)
    merged: Overrides = {}
    for section, chosen in (item for layer in layers for item in layer.items()):
        merged[section] = merged.get(section, {}) | chosen
    return merged


def _left(steps: int, places: Places, least: int = 1) -> int:
    """What remains of so many steps after those of earlier runs."""
    return max(least, steps - (read_card(places.earlier).steps if places.earlier.exists() else 0))


# -- shipping ----------------------------------------------------------------------------------------------------------


def ship(recipe: Recipe, places: Places, licence: str, benchmarks: Path | None, take: float = 1) -> ModelCard:
    """Writes the run's newest weights to weights/, in float16, with all that is known of them. Returns their card.

    Into weights/training/ goes what a fresh run needs besides: critics and second moments. take: the share of the new
    weights; the rest is of the earlier ones, which must be there if it is below 1.
    """
    networks, card = load(places.run.weights)
    kind = recipe.way.kind.config
    config: Any = resolve(kind, read_toml(places.run.config, kind))
    earlier = read_card(places.earlier) if places.earlier.exists() else None
    begun = f" Begun with {recipe.begins}." if recipe.begins and config.optimisation.start_from else ""
    if take < 1:
        for network, before in zip(networks.values(), load(places.earlier)[0].values(), strict=True):
            blend(network, before, take)
        begun += f" Taken by {take:g}, the rest as before the last {card.steps:,} steps."
    facts = {
        "steps": card.steps + (earlier.steps if earlier else 0),
        "images_seen": card.images_seen + (earlier.images_seen if earlier else 0),
        "licence": licence,
        "note": f"{recipe.about}. {recipe.way.settings(config)}.{begun} Trained on {hardware(config.run.device)}.",
        "figures": {HOURS: round(hours(places.run.log) + (earlier.figures.get(HOURS, 0.0) if earlier else 0.0), 3)},
    }
    card = card.model_copy(update=facts)
    places.weights.mkdir(parents=True, exist_ok=True)
    save(places.shipped, networks, card, torch.float16)
    if config.objective.adversarial:
        keep_state(places.state, load_checkpoint(places.run.checkpoint))
    if benchmarks:
        figures, protocol = measured(places.shipped, recipe.way.measures(config, benchmarks))
        told = {"figures": card.figures | figures, "note": f"{card.note} Figures: {protocol or 'none'}."}
        card = card.model_copy(update=told)
        save(places.shipped, networks, card, torch.float16)
    return card


def hours(log: Path) -> float:
    """Hours that a run has taken over its sittings, each of which counts its seconds from 0."""
    seconds = [*(line["seconds"] for line in read_log(log)), 0.0]
    return sum(last for last, following in pairwise(seconds) if following < last) / 3600


def hardware(device: str) -> str:
    """What this machine computes with."""
    if torch.cuda.is_available() and device in ("auto", "cuda"):
        return torch.cuda.get_device_name()
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    threads = torch.get_num_threads()
    return f"{threads} core{'s' if threads > 1 else ''} of a CPU ({names[0] if names else platform.machine()})"


def measured(weights: Path, measures: Iterable[Measure]) -> tuple[dict[str, float], str]:
    """Figures of `img2img evaluate`, and their protocol, in which folders bear their last name alone; protocols that
    differ, each behind what was measured by it.

    Means of parts of the pictures bear the part's name, too; a part that is all of them is left out.
    """
    figures: dict[str, float] = {}
    protocols: dict[str, list[str]] = {}
    for measure in measures:
        command = [sys.executable, "-m", "img2img", "evaluate", *measure.arguments, "--model", str(weights), "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=os.environ)
        if done.returncode != DONE:
            print(f"{measure.name}: not measured, as said above", file=sys.stderr)
            continue
        found = json.loads(done.stdout)
        protocol = found.pop("protocol")["in_words"]
        for place in measure.arguments:
            protocol = protocol.replace(place, Path(place).name)
        protocols.setdefault(protocol, []).append(measure.name)
        for part, means in found.items():
            if isinstance(means, dict) and (part == "mean" or means.get("pictures") != found["pictures"]):
                named = measure.name if part == "mean" else f"{measure.name} {part}"
                known = {figure: value for figure, value in means.items() if value is not None}
                figures |= {f"{named} {figure}": round(value, 4) for figure, value in known.items()}
    if len(protocols) > 1:
        return figures, "; ".join(f"{', '.join(names)}: {protocol}" for protocol, names in protocols.items())
    return figures, "".join(protocols)


# -- the command -------------------------------------------------------------------------------------------------------


def main(
    name: Annotated[str, typer.Argument(help="Which weights; without, a list of them.")] = "",
    data: Annotated[Path | None, typer.Option(help="Folder of photos.")] = None,
    hold_out: Annotated[
        str, typer.Option(help="Photos never trained on: every so manieth by name, or a file with a name a line.")
    ] = str(EVERY),
    teacher: Annotated[Path | None, typer.Option(help="Weights whose pictures are a further target.")] = None,
    teacher_licence: Annotated[str, typer.Option(help="Of the teacher, for the model card.")] = "",
    teacher_folder: Annotated[Path, typer.Option(help="Where its pictures are kept.")] = Path("runs/teachers"),
    teacher_pictures: Annotated[
        int | None, typer.Option(help="How many of them are made, in place of the recipe's.")
    ] = None,
    time_limit: Annotated[str | None, typer.Option(help="End this sitting after so long: 9m, 1.5h.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps in all, in place of the recipe's.")] = None,
    benchmarks: Annotated[
        Path | None,
        typer.Option(help="Folder to measure on: NAME/HR_xS, LR_xS; NAME/whole, masks."),
    ] = None,
    take: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the new weights in what is shipped; the rest: what was.")
    ] = 1,
    runs: Annotated[Path, typer.Option(help="Where the runs' folders lie.")] = Path("runs/weights"),
    weights: Annotated[Path, typer.Option(help="Where shipped weights lie.")] = Path("weights"),
    device: Annotated[str, typer.Option(help="auto, cpu, mps, cuda.")] = "auto",
    licence: Annotated[str, typer.Option(help="Of the weights, for the model card.")] = "MIT",
) -> None:
    """Train shipped weights, or go on with it."""
    if not name:
        print("\n".join(f"{known:16} {recipe.about}" for known, recipe in RECIPES.items()))
        return
    if name not in RECIPES:
        fail(f"{name}: no such weights; there are {', '.join(RECIPES)}", WRONG_USAGE)
    recipe, places = RECIPES[name], Places(name, weights, RunFolder(runs / name))
    run = {"device": device} | ({"time_limit": time_limit} if time_limit else {})
    taught = {"teacher": teacher, "teacher_folder": teacher_folder}
    taught |= {"teacher_licence": teacher_licence, "teacher_pictures": teacher_pictures}
    taught = {option: value for option, value in taught.items() if value} if teacher else {}
    with refusals():
        if take < 1 and not (places.earlier.exists() if places.run.checkpoint.exists() else places.goes_on(recipe)):
            raise Refusal(f"--take {take:g}: the run does not begin with {places.shipped}: nothing to mix in")
        photos = linked(data, hold_out, places.run.path / "photos") if data else None
        try:
            outcome = launch(recipe.way.kind, options(recipe, places, photos, steps, run, taught), None, None)
        except (Diverged, CannotSave) as error:
            fail(str(error), SOME_FAILED)
        card = ship(recipe, places, licence, benchmarks, take)
    print(f"{card.steps:,} steps; " + ", ".join(f"{k} {v:g}" for k, v in card.figures.items()), file=sys.stderr)
    print(places.shipped)
    raise typer.Exit(INTERRUPTED if outcome and outcome.reason in ("interrupted", "terminated") else DONE)


if __name__ == "__main__":
    typer.run(main)
