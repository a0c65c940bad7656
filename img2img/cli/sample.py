"""`img2img sample --model MODEL`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from img2img.cli import photos
from img2img.config.base import Refusal
from img2img.config.train.gan import GanData
from img2img.config.train.gan_settings import StandardName

from .errors import refusals

if TYPE_CHECKING:
    from img2img.apply.sample.nearest import Traits
    from img2img.apply.sample.sampler import Sampler

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from img2img.apply.sample.nearest import Traits
    from img2img.apply.sample.sampler import Sampler

app = typer.Typer(help="Draw pictures with a trained generator.")

Along = Literal["linear", "spherical"]

Model = Annotated[str, typer.Option("--model", help="A weights file, or the folder of a run.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="A picture of all samples, or a folder for a file of each; with --between also a film, .webp "
        "\\[default: beside the weights].",
    ),
]
Count = Annotated[int, typer.Option("--number", "-n", min=1, max=100_000, help="How many samples.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Number of the first sample; the next ones follow.")]
Truncation = Annotated[
    float | None,
    typer.Option(
        "--truncation",
        help="Draw from the middle of the noise alone, or nearer to stylegan's mean: less variety, fewer slips.",
    ),
]
Classes = Annotated[str, typer.Option("--classes", help="Classes to draw in turn, by name: cat,dog \\[default: all].")]
Zoom = Annotated[
    int | None,
    typer.Option("--zoom", min=1, help="Side of a pixel, px \\[default: 1 in a file of each; else to 64 px or more]."),
]
Between = Annotated[str, typer.Option("--between", help="The way between the samples of these numbers: 3,8,21.")]
AlongOption = Annotated[Along, typer.Option("--along", help="How --between goes: along chords, or great circles.")]
Frames = Annotated[
    int | None,
    typer.Option("--frames", min=1, help="Steps from sample to sample, values of a code \\[default: 8; in a film 25]."),
]
Added = Annotated[str, typer.Option("--sum", help="The sample of a sum of the latents of these numbers: 3-8+21.")]
Traverse = Annotated[
    int,
    typer.Option("--traverse", min=0, help="Each sample with every value of one of InfoGAN's codes, counted from 1."),
]
Neighbours = Annotated[
    int,
    typer.Option("--neighbours", min=0, max=64, help="Beside each sample so many of the nearest training pictures."),
]
Likeness = Literal["pixels", "features"]
By = Annotated[
    Likeness,
    typer.Option("--neighbours-by", help="Near in their pixels, or in Inception's features: in what they show."),
]
InceptionFile = Annotated[
    Path | None,
    typer.Option(
        "--inception",
        help="File of Inception's weights, for features \\[default: $IMG2IMG_INCEPTION, else a download].",
    ),
]
Images = Annotated[Path | None, typer.Option("--images", help="Folder of the training pictures, for --neighbours.")]
Dataset = Annotated[StandardName | None, typer.Option("--dataset", help="Standard set, for --neighbours.")]
Root = Annotated[Path, typer.Option("--root", help="Folder of the standard sets.")]


@dataclass(frozen=True)
class Wishes:
    """What every way of drawing heeds."""

    out: Path | None
    classes: Sequence[str]
    zoom: int | None

    def target(self, sampler: Sampler, suffix: str) -> Path:
        """The picture to write: as asked, or beside the weights. Raises Refusal for what holds no picture."""
        from img2img.apply.sample.picture_files import format_of

        path = self.out or sampler.path.with_suffix(suffix)
        format_of(path)
        return path


@app.command()
def sample(
    model: Model,
    out: Out = None,
    number: Count = 64,
    seed: Seed = 0,
    truncation: Truncation = None,
    classes: Classes = "",
    zoom: Zoom = None,
    between: Between = "",
    along: AlongOption = "spherical",
    frames: Frames = None,
    added: Added = "",
    traverse: Traverse = 0,
    neighbours: Neighbours = 0,
    neighbours_by: By = "pixels",
    inception: InceptionFile = None,
    images: Images = None,
    dataset: Dataset = None,
    root: Root = Path("data"),
    device: photos.Device = "auto",
) -> None:
    """Draw pictures with a trained generator.

    A sample's number alone decides its noise: one picked from a sheet comes back by --seed, --between and --sum.
    """
    with refusals():
        from img2img.apply.sample.sampler import open_sampler
        from img2img.machine import choose_device

        if sum(map(bool, (between, added, traverse, neighbours))) > 1:
            raise Refusal("--between, --sum, --traverse and --neighbours: one at a time")
        sampler = open_sampler(model, choose_device(device), truncation)
        wishes = Wishes(out, [name.strip() for name in classes.split(",") if name.strip()], zoom)
        numbers = range(seed, seed + number)
        if between:
            path = _way(sampler, wishes, _numbers(between), along, frames)
        elif added:
            path = _sum(sampler, wishes, added)
        elif traverse:
            path = _traversals(sampler, wishes, numbers, traverse, frames or 8)
        elif neighbours:
            data = training_data(sampler, images, dataset, root)
            traits = traits_of(neighbours_by, inception, sampler.device)
            path = _neighbours(sampler, wishes, numbers, neighbours, data, traits)
        else:
            path = _samples(sampler, wishes, numbers)
        print(path)


def _samples(sampler: Sampler, wishes: Wishes, numbers: range) -> Path:
    """All on one picture, classes below each other; or a file of each in a folder."""
    from img2img.apply.sample.picture_files import as_image, grid, write_each, write_picture, zoomed
    from img2img.apply.sample.sampler import BATCH

    labels = sampler.labels(len(numbers), wishes.classes)
    if wishes.out is not None and not wishes.out.suffix:
        for first in range(0, len(numbers), BATCH):
            part = slice(first, first + BATCH)
            drawn = sampler.pictures(sampler.latents(numbers[part]), None if labels is None else labels[part])
            write_each(zoomed(drawn, wishes.zoom or 1), [f"{number:06d}" for number in numbers[part]], wishes.out)
        return wishes.out
    path = wishes.target(sampler, ".samples.png")
    drawn = sampler.pictures(sampler.latents(numbers), labels)
    kinds = len(wishes.classes or sampler.classes)
    across = kinds if kinds > 1 else round(len(numbers) ** 0.5)
    write_picture(as_image(grid(zoomed(drawn, wishes.zoom), min(across, len(numbers)))), path)
    return path


def _way(sampler: Sampler, wishes: Wishes, numbers: list[int], along: Along, frames: int | None) -> Path:
    """A strip from each sample to the next, a row each; or a film through them all and back to the first."""
    import torch

    from img2img.apply.sample.latent_paths import way
    from img2img.apply.sample.picture_files import FRAMES_A_SECOND, as_image, grid, write_film, write_picture, zoomed

    path = wishes.target(sampler, ".between.png")
    film = path.suffix.lower() == ".webp"
    steps = frames or (FRAMES_A_SECOND if film else 8)
    ends = sampler.latents(numbers)
    legs = [ends] if film or len(ends) < 2 else [ends[first : first + 2] for first in range(len(ends) - 1)]
    latents = torch.cat([way(leg, steps, along, closed=film) for leg in legs])
    drawn = zoomed(sampler.pictures(latents, sampler.one_label(len(latents), wishes.classes)), wishes.zoom)
    if film:
        write_film(drawn, path)
    else:
        write_picture(as_image(grid(drawn, steps + 1)), path)
    return path


def _sum(sampler: Sampler, wishes: Wishes, text: str) -> Path:
    """The samples that are added, and the one of their sum, side by side."""
    import torch

    from img2img.apply.sample.latent_paths import Sum
    from img2img.apply.sample.picture_files import as_image, grid, write_picture, zoomed

    terms = Sum.parse(text)
    path = wishes.target(sampler, ".sum.png")
    latents = sampler.latents(terms.numbers)
    whole = torch.cat([latents, terms.of(latents)])
    drawn = sampler.pictures(whole, sampler.one_label(len(whole), wishes.classes))
    write_picture(as_image(grid(zoomed(drawn, wishes.zoom), len(whole))), path)
    return path


def _traversals(sampler: Sampler, wishes: Wishes, numbers: range, code: int, steps: int) -> Path:
    """Rows of a sample with every value of a code."""
    import torch

    from img2img.apply.sample.latent_paths import traversal
    from img2img.apply.sample.picture_files import as_image, grid, write_picture, zoomed

    path = wishes.target(sampler, ".traversal.png")
    rows = [traversal(latent[None], sampler.prior, code, steps) for latent in sampler.latents(numbers)]
    write_picture(as_image(grid(zoomed(sampler.pictures(torch.cat(rows)), wishes.zoom), len(rows[0]))), path)
    return path


def _neighbours(sampler: Sampler, wishes: Wishes, numbers: range, count: int, data: GanData, traits: Traits) -> Path:
    """Rows of a sample and the training pictures nearest to it by these traits."""
    from img2img.apply.sample.picture_files import as_image, grid, write_picture, zoomed

    path = wishes.target(sampler, ".neighbours.png")
    drawn = sampler.pictures(sampler.latents(numbers), sampler.labels(len(numbers), wishes.classes))
    rows = with_nearest(drawn, data, count, traits)
    write_picture(as_image(grid(zoomed(rows.flatten(0, 1), wishes.zoom), rows.shape[1])), path)
    return path


def _numbers(text: str) -> list[int]:
    """Of `3,8,21`. Raises Refusal for anything else."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise Refusal(f"--between {text}: write numbers of samples, such as 3,8,21")
    return [int(part) for part in parts]


def training_data(sampler: Sampler, images: Path | None, dataset: StandardName | None, root: Path) -> GanData:
    """The training pictures as the generator draws them. Raises Refusal where neither option names them."""
    if images is None and dataset is None:
        raise Refusal("--neighbours: say which pictures it was trained on, by --images DIR or --dataset NAME")
    spec = sampler.spec
    return GanData(
        images=images, dataset=dataset, root=root, size=spec.size, channels="1" if spec.channels == 1 else "3"
    )


def traits_of(by: Likeness, weights: Path | None, device: torch.device) -> Traits:
    """What pictures are compared by. Raises Refusal where Inception's weights are wanted, and cannot be had."""
    from img2img.apply.sample.nearest import features, pixels
    from img2img.metrics.sets.inception import load_inception

    return pixels if by == "pixels" else features(load_inception(weights, "clean", device))


def with_nearest(drawn: Tensor, data: GanData, count: int, traits: Traits) -> Tensor:
    """Each picture (N, C, H, W), and beside it the nearest of the data: (N, 1 + count, C, H, W), on the CPU."""
    import torch

    from img2img.apply.sample.nearest import nearest
    from img2img.data.augment import signed
    from img2img.data.classes import REAL
    from img2img.data.samples import open_samples

    opened = open_samples(data, decode=False, tell=lambda summary: None)
    found, _ = nearest(drawn, (signed(batch[REAL]) for batch in opened.in_order(1024)), count, traits)
    return torch.cat([drawn[:, None], found], dim=1)
