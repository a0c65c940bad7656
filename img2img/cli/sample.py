"""`img2img sample --model MODEL`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from img2img.config.apply import Neighbours, SampleConfig, SamplePicture
from img2img.config.base import Refusal
from img2img.config.train.gan import GanData

from .options import command_from

if TYPE_CHECKING:
    from torch import Tensor

    from img2img.apply.sample.sampler import Sampler

app = typer.Typer(add_completion=False)

HELP = (
    "Draw pictures with a trained generator.\n\n"
    "A sample's number alone decides its noise: one picked from a sheet comes back by --seed, --between and --sum."
)


def sample(config: SampleConfig) -> None:
    """`img2img sample`."""
    from img2img.apply.sample.sampler import open_sampler
    from img2img.machine import choose_device

    paths, neighbours = config.paths, config.neighbours.neighbours
    if sum(map(bool, (paths.between, paths.sum, paths.traverse, neighbours))) > 1:
        raise Refusal("--between, --sum, --traverse and --neighbours: one at a time")
    device = choose_device(config.computing.device)
    sampler = open_sampler(config.samples.model, device, config.samples.truncation)
    if paths.between:
        path = _draw_between(sampler, config)
    elif paths.sum:
        path = _draw_sum(sampler, config)
    elif paths.traverse:
        path = _draw_traversals(sampler, config)
    elif neighbours:
        path = _draw_neighbours(sampler, config)
    else:
        path = _draw_samples(sampler, config)
    print(path)


def _draw_samples(sampler: Sampler, config: SampleConfig) -> Path:
    """All on one picture, classes below each other; or a file of each in a folder."""
    from img2img.apply.sample.picture_files import grid

    out = config.picture.out
    if out is not None and not out.suffix:
        return _draw_files(sampler, config, out)
    path, numbers, classes = _target(sampler, config.picture, ".samples.png"), _numbers(config), _classes(config)
    drawn = sampler.pictures(sampler.latents(numbers), sampler.labels(len(numbers), classes))
    kinds = len(classes or sampler.classes)
    across = kinds if kinds > 1 else round(len(numbers) ** 0.5)
    return _write(grid(_zoomed(drawn, config), min(across, len(numbers))), path)


def _draw_files(sampler: Sampler, config: SampleConfig, folder: Path) -> Path:
    """A file of each sample."""
    from img2img.apply.sample.picture_files import write_each, zoomed
    from img2img.apply.sample.sampler import BATCH

    numbers = _numbers(config)
    labels = sampler.labels(len(numbers), _classes(config))
    for first in range(0, len(numbers), BATCH):
        part = slice(first, first + BATCH)
        drawn = sampler.pictures(sampler.latents(numbers[part]), None if labels is None else labels[part])
        names = [f"{number:06d}" for number in numbers[part]]
        write_each(zoomed(drawn, config.picture.zoom or 1), names, folder)
    return folder


def _draw_between(sampler: Sampler, config: SampleConfig) -> Path:
    """A strip from each sample to the next, a row each; or a film through them all and back to the first."""
    import torch

    from img2img.apply.sample.latent_paths import path_through
    from img2img.apply.sample.picture_files import FRAMES_A_SECOND, grid, write_film

    numbers, paths = _listed_numbers(config.paths.between), config.paths
    path = _target(sampler, config.picture, ".between.png")
    film = path.suffix.lower() == ".webp"
    steps = paths.frames or (FRAMES_A_SECOND if film else 8)
    ends = sampler.latents(numbers)
    legs = [ends] if film or len(ends) < 2 else [ends[first : first + 2] for first in range(len(ends) - 1)]
    latents = torch.cat([path_through(leg, steps, paths.along, closed=film) for leg in legs])
    drawn = _zoomed(sampler.pictures(latents, sampler.one_label(len(latents), _classes(config))), config)
    if not film:
        return _write(grid(drawn, steps + 1), path)
    write_film(drawn, path)
    return path


def _draw_sum(sampler: Sampler, config: SampleConfig) -> Path:
    """The samples that are added, and the one of their sum, side by side."""
    import torch

    from img2img.apply.sample.latent_paths import LatentSum
    from img2img.apply.sample.picture_files import grid

    terms = LatentSum.parse(config.paths.sum)
    path = _target(sampler, config.picture, ".sum.png")
    latents = sampler.latents(terms.numbers)
    whole = torch.cat([latents, terms.of(latents)])
    drawn = sampler.pictures(whole, sampler.one_label(len(whole), _classes(config)))
    return _write(grid(_zoomed(drawn, config), len(whole)), path)


def _draw_traversals(sampler: Sampler, config: SampleConfig) -> Path:
    """Rows of a sample with every value of a code."""
    import torch

    from img2img.apply.sample.latent_paths import traversal
    from img2img.apply.sample.picture_files import grid

    path = _target(sampler, config.picture, ".traversal.png")
    code, steps = config.paths.traverse, config.paths.frames or 8
    rows = [traversal(latent[None], sampler.prior, code, steps) for latent in sampler.latents(_numbers(config))]
    return _write(grid(_zoomed(sampler.pictures(torch.cat(rows)), config), len(rows[0])), path)


def _draw_neighbours(sampler: Sampler, config: SampleConfig) -> Path:
    """Rows of a sample and the training pictures nearest to it."""
    from img2img.apply.sample.picture_files import grid

    data = _training_data(sampler, config.neighbours)
    path, numbers = _target(sampler, config.picture, ".neighbours.png"), _numbers(config)
    drawn = sampler.pictures(sampler.latents(numbers), sampler.labels(len(numbers), _classes(config)))
    rows = _with_nearest(drawn, data, config.neighbours, sampler)
    return _write(grid(_zoomed(rows.flatten(0, 1), config), rows.shape[1]), path)


def _numbers(config: SampleConfig) -> range:
    return range(config.samples.seed, config.samples.seed + config.samples.number)


def _classes(config: SampleConfig) -> list[str]:
    """The names of those asked for."""
    return [name.strip() for name in config.samples.classes.split(",") if name.strip()]


def _listed_numbers(text: str) -> list[int]:
    """Of `3,8,21`. Raises Refusal for anything else."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise Refusal(f"--between {text}: write numbers of samples, such as 3,8,21")
    return [int(part) for part in parts]


def _target(sampler: Sampler, picture: SamplePicture, suffix: str) -> Path:
    """The picture to write: as asked, or beside the weights. Raises Refusal for what holds no picture."""
    from img2img.apply.sample.picture_files import picture_format

    path = picture.out or sampler.path.with_suffix(suffix)
    picture_format(path)
    return path


def _zoomed(pictures: Tensor, config: SampleConfig) -> Tensor:
    from img2img.apply.sample.picture_files import zoomed

    return zoomed(pictures, config.picture.zoom)


def _write(sheet: Tensor, path: Path) -> Path:
    from img2img.apply.sample.picture_files import as_image, write_picture

    write_picture(as_image(sheet), path)
    return path


def _training_data(sampler: Sampler, asked: Neighbours) -> GanData:
    """The training pictures as the generator draws them. Raises Refusal where neither option names them."""
    if asked.images is None and asked.dataset is None:
        raise Refusal("--neighbours: say which pictures it was trained on, by --images DIR or --dataset NAME")
    spec = sampler.spec
    return GanData(
        images=asked.images,
        dataset=asked.dataset,
        root=asked.root,
        size=spec.size,
        channels="1" if spec.channels == 1 else "3",
    )


def _with_nearest(drawn: Tensor, data: GanData, asked: Neighbours, sampler: Sampler) -> Tensor:
    """Each picture (N, C, H, W), and beside it the nearest of the data: (N, 1 + neighbours, C, H, W), on the CPU.

    Raises Refusal where Inception's weights are wanted, and cannot be had.
    """
    import torch

    from img2img.apply.sample.nearest import features, nearest, pixels
    from img2img.data.augment import signed
    from img2img.data.folders.classes import REAL
    from img2img.data.gan_data import open_gan_data
    from img2img.metrics.sets.inception import load_inception

    by_pixels = asked.neighbours_by == "pixels"
    traits = pixels if by_pixels else features(load_inception(asked.inception, "clean", sampler.device))
    opened = open_gan_data(data, decode=False, tell=lambda summary: None)
    found, _ = nearest(drawn, (signed(batch[REAL]) for batch in opened.in_order(1024)), asked.neighbours, traits)
    return torch.cat([drawn[:, None], found], dim=1)


app.command(help=HELP)(command_from(SampleConfig, sample))
