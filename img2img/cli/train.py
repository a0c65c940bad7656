"""`img2img train RECIPE`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from img2img.config.base import Config
from img2img.config.toml import Overrides
from img2img.config.train.bigan import BiganConfig
from img2img.config.train.cyclegan import CycleganConfig
from img2img.config.train.gan import GanConfig
from img2img.config.train.inpaint import InpaintConfig
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.config.train.srgan import SrganConfig
from img2img.config.train.vae import VaeConfig
from img2img.config.train.vae_gan import VaeGanConfig

from .errors import DONE, INTERRUPTED
from .options import unresolved_command_from

if TYPE_CHECKING:
    from img2img.data.dataset import TrainingData
    from img2img.recipes.kind import Kind
    from img2img.recipes.recipe import Recipe

app = typer.Typer(no_args_is_help=True, add_completion=False)


def _pix2pix(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    from img2img.data.dataset import from_files
    from img2img.data.folders import find_pairs
    from img2img.recipes.kind import Kind, of_sides
    from img2img.recipes.pix2pix import Pix2pix

    kind = Kind(Pix2pix.name, Pix2pixConfig, of_sides(Pix2pix), from_files(find_pairs))
    _train(kind, overrides, preset, config_file)


def _cyclegan(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    from img2img.data.dataset import from_files
    from img2img.data.folders import find_domains
    from img2img.recipes.cyclegan import Cyclegan
    from img2img.recipes.kind import Kind, of_sides

    kind = Kind(Cyclegan.name, CycleganConfig, of_sides(Cyclegan), from_files(find_domains))
    _train(kind, overrides, preset, config_file)


def _srgan(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    _train(srgan_kind(), overrides, preset, config_file)


def srgan_kind() -> Kind:
    """What `train srgan` is made of; `tools/train_weights.py` trains by it, too."""
    from img2img.data.dataset import from_files
    from img2img.data.degrade import Degrade
    from img2img.data.folders import find_images
    from img2img.recipes.kind import Kind, of_sides
    from img2img.recipes.srgan import Srgan

    def degrade(config: SrganConfig) -> Degrade:
        return Degrade(config.degradation, config.networks.scale)

    return Kind(Srgan.name, SrganConfig, of_sides(Srgan), from_files(find_images), degrade)


def _inpaint(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    _train(inpaint_kind(), overrides, preset, config_file)


def inpaint_kind() -> Kind:
    """What `train inpaint` is made of."""
    from img2img.data.dataset import from_files
    from img2img.data.folders import find_images
    from img2img.data.masks.drawn import Masks
    from img2img.recipes.inpaint import Inpaint
    from img2img.recipes.kind import Kind, of_sides

    def masks(config: InpaintConfig) -> Masks:
        return Masks(config.masks, config.data.size)

    return Kind(Inpaint.name, InpaintConfig, of_sides(Inpaint), from_files(find_images), masks)


def _gan(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    _train(gan_kind(), overrides, preset, config_file)


def gan_kind() -> Kind:
    """What `train gan` is made of."""
    from img2img.recipes.gan import Gan, gan_of

    return _from_noise(Gan.name, GanConfig, gan_of)


def _vae(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    _train(vae_kind(), overrides, preset, config_file)


def vae_kind() -> Kind:
    """What `train vae` is made of."""
    from img2img.recipes.vae import Vae

    return _from_noise(Vae.name, VaeConfig, Vae)


def _vae_gan(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    from img2img.recipes.vae_gan import VaeGan

    _train(_from_noise(VaeGan.name, VaeGanConfig, VaeGan), overrides, preset, config_file)


def _bigan(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    from img2img.recipes.bigan import Bigan

    _train(_from_noise(Bigan.name, BiganConfig, Bigan), overrides, preset, config_file)


def _from_noise(name: str, config: type[Config], recipe: Callable[[Any, TrainingData], Recipe]) -> Kind:
    """What the commands are made of whose batches are samples and latents."""
    from img2img.data.classes import REAL
    from img2img.data.latents import Latents
    from img2img.data.samples import open_samples
    from img2img.recipes.kind import Kind

    def latents(options: Any) -> Latents:
        return Latents(options.networks.prior_spec, of=REAL)

    return Kind(name, config, recipe, open_samples, latents)


def _train(kind: Kind, overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
    from img2img.training.launch import launch

    outcome = launch(kind, overrides, preset, config_file)
    raise typer.Exit(INTERRUPTED if outcome and outcome.reason in ("interrupted", "terminated") else DONE)


app.command("pix2pix", help="Pairs of pictures: learn one side from the other (arXiv:1611.07004).")(
    unresolved_command_from(Pix2pixConfig, _pix2pix)
)
app.command("cyclegan", help="Two folders of pictures without pairs: learn both directions (arXiv:1703.10593).")(
    unresolved_command_from(CycleganConfig, _cyclegan)
)
app.command("srgan", help="Pictures alone: learn to enlarge them, 2 to 4 times (arXiv:1609.04802).")(
    unresolved_command_from(SrganConfig, _srgan)
)
app.command("inpaint", help="Pictures alone: learn to fill holes in them (arXiv:1806.03589, arXiv:1604.07379).")(
    unresolved_command_from(InpaintConfig, _inpaint)
)
app.command(
    "gan", help="Pictures alone: learn to draw such from noise, by any game and its own settings (arXiv:1406.2661)."
)(unresolved_command_from(GanConfig, _gan))
app.command("vae", help="Pictures alone: learn to draw them without a game, as a variational autoencoder.")(
    unresolved_command_from(VaeConfig, _vae)
)
app.command(
    "vae-gan",
    help="Pictures alone: a VAE whose reconstruction error is measured in a critic's features; the critic also judges "
    "its samples (arXiv:1512.09300).",
)(unresolved_command_from(VaeGanConfig, _vae_gan))
app.command(
    "bigan", help="Pictures alone: learn to draw them and to read their codes, judged in pairs (arXiv:1605.09782)."
)(unresolved_command_from(BiganConfig, _bigan))
