"""From what `--model` and `--to` say to a weights file and the network in it."""

from __future__ import annotations

import os
from pathlib import Path

from img2img.config.card import ModelCard, Task
from img2img.config.meant import meant

from .errors import WeightsError
from .headers import read_card
from .no_weights import require_weights

SUFFIX = ".safetensors"
RUN_WEIGHTS = "weights.safetensors"
"""A run's newest weights, in its folder."""

UPSCALERS = {
    1: ("photo-x1", "photo-x4"),
    2: ("photo-x2", "light-x2", "photo-x4", "light-x4"),
    3: ("photo-x3", "light-x3", "photo-x4", "light-x4"),
    4: ("photo-x4", "light-x4"),
}
"""By how many times photos are to be enlarged: the shipped weights for that, the best first."""


def find(model: str, task: Task) -> Path:
    """The weights file that `model` means: a file, a run's folder, or the name of a shipped one.

    Raises WeightsError where there is none, or where it holds weights of another task.
    """
    path = resolve_path(model, task)
    check_task(read_card(path), task, path)
    return path


def shipped() -> dict[str, Path]:
    """The weights that can be used by name; the folder named first wins."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            found.setdefault(path.stem, path)
    return found


def default_upscaler(scale: int) -> str:
    """The name of the shipped weights that enlarge photos `scale` times, or more where none does just that.

    Raises WeightsError, listing those there are.
    """
    names = shipped()
    for name in UPSCALERS.get(scale, ()):
        if name in names:
            return name
    fitting = [name for name, file in names.items() if read_card(file).task == "upscale"]
    raise WeightsError(
        f"no weights are shipped that enlarge photos {scale} times ({', '.join(fitting) or 'there are none'}); "
        f"--model takes a name, a weights file, or the folder of a run"
    )


def upscalers() -> dict[int, str]:
    """{scale: `default_upscaler` of it} for all scales of which weights are shipped. Raises WeightsError for none."""
    names = shipped()
    found = {scale: default_upscaler(scale) for scale, ranked in UPSCALERS.items() if names.keys() & set(ranked)}
    return found or {4: default_upscaler(4)}


def faithful_upscaler(scale: int) -> str:
    """The name of the shipped weights that invent nothing. Raises WeightsError where there are none for this scale."""
    name = f"psnr-x{scale}"
    if name not in shipped():
        raise WeightsError(f"no {name} is shipped that --strength could blend with; --blend names other weights")
    return name


def default_inpainter() -> str:
    """The name of the shipped weights that fill holes in photos. Raises WeightsError where there are none."""
    names = shipped()
    for kind in ("photo", "light"):
        if f"{kind}-inpaint" in names:
            return f"{kind}-inpaint"
    raise WeightsError(
        "no weights are shipped that fill holes; --model takes a name, a weights file, or the folder of a run, and "
        "--method telea needs none"
    )


def check_task(card: ModelCard, task: Task, path: Path) -> None:
    """Raise WeightsError unless these weights are for this task."""
    if card.task != task:
        raise WeightsError(
            f"{path}: holds weights to {card.task}, not to {task}; use: img2img {card.task} --model {path}"
        )


def choose_network(card: ModelCard, to: str | None) -> str:
    """The name of the network that leads to the domain `to`; None will do where there is only one that makes pictures.

    Raises WeightsError, listing the domains, where `to` fits none or several.
    """
    from img2img.images.names import same_form  # its room imports torch, and finding a file needs none

    leads_to = {name: [same_form(domain) for domain in network.leads_to] for name, network in card.networks.items()}
    fits = [name for name, found in leads_to.items() if (found if to is None else same_form(to) in found)]
    if len(fits) == 1:
        return fits[0]
    ways = ", ".join(f"{to} (from {network.source})" for network in card.networks.values() for to in network.leads_to)
    if to is None:
        raise WeightsError(f"this model goes several ways; say --to with one of: {ways}")
    count = f"{len(fits)} ways" if fits else "no way"
    raise WeightsError(f"this model has {count} to {to!r}; --to takes one of: {ways}")


def resolve_path(model: str, task: Task | None = None) -> Path:
    """As `find`, for weights of any task; where there are none, the message lists the names that fit `task`."""
    path = Path(model)
    if path.is_dir():
        if (path / RUN_WEIGHTS).is_file():
            return require_weights(path / RUN_WEIGHTS)
        raise WeightsError(f"{path}: a folder without {RUN_WEIGHTS}, which a run writes when it first saves")
    if path.exists():
        return require_weights(path)
    names = shipped()
    if model in names:
        return require_weights(names[model])
    fitting = [name for name, file in names.items() if task is None or read_card(file).task == task]
    raise WeightsError(
        f"{model}: neither a file, nor a run's folder, nor the name of weights{f' to {task}' if task else ''} "
        f"({', '.join(fitting) or 'there are none'}) in {', '.join(map(str, _folders()))}{meant(model, names)}"
    )


def _folders() -> list[Path]:
    """Where weights with a name lie: the user's own, the installed package's, the checkout's."""
    package = Path(__file__).parent
    home = os.environ.get("IMG2IMG_HOME")
    own = [Path(home) / "weights"] if home else []
    return [*own, package / "shipped", package.parents[1] / "weights"]
