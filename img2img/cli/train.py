"""`img2img train RECIPE`: a row for each recipe. What a command is made of, its `Kind`, stands in the recipe's file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import typer

from img2img.config.base import Config
from img2img.config.toml import Overrides
from img2img.config.train.bicyclegan import BicycleganConfig
from img2img.config.train.bigan import BiganConfig
from img2img.config.train.cut import CutConfig
from img2img.config.train.cyclegan import CycleganConfig
from img2img.config.train.gan import GanConfig
from img2img.config.train.inpaint import InpaintConfig
from img2img.config.train.munit import MunitConfig
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.config.train.srgan import SrganConfig
from img2img.config.train.stargan import StarganConfig
from img2img.config.train.unit import UnitConfig
from img2img.config.train.vae import VaeConfig
from img2img.config.train.vae_gan import VaeGanConfig

from .errors import DONE, INTERRUPTED
from .options import unresolved_command_from


@dataclass(frozen=True)
class Command:
    """One command. module: of the recipe, in `img2img.recipes`; imported when the command is called."""

    module: str
    config: type[Config]
    help: str

    @property
    def name(self) -> str:
        """As it is typed."""
        return self.module.replace("_", "-")


COMMANDS = (
    Command("pix2pix", Pix2pixConfig, "Pairs of pictures: learn one side from the other (arXiv:1611.07004)."),
    Command("cyclegan", CycleganConfig, "Two folders of pictures, no pairs: learn both directions (arXiv:1703.10593)."),
    Command(
        "cut", CutConfig, "Two folders of pictures, no pairs: learn one direction, by contrast (arXiv:2007.15651)."
    ),
    Command(
        "bicyclegan",
        BicycleganConfig,
        "Pairs of pictures: learn several answers for one input, and to read which one a picture is "
        "(arXiv:1711.11586).",
    ),
    Command("unit", UnitConfig, "Two folders of pictures: two autoencoders that share contents (arXiv:1703.00848)."),
    Command(
        "munit",
        MunitConfig,
        "Two folders of pictures: the content of one in any style of the other, given or drawn (arXiv:1804.04732).",
    ),
    Command(
        "stargan",
        StarganConfig,
        "A folder of pictures for each of several domains: learn the way from any to any other (arXiv:1711.09020).",
    ),
    Command("srgan", SrganConfig, "Pictures alone: learn to enlarge them, 2 to 4 times (arXiv:1609.04802)."),
    Command("inpaint", InpaintConfig, "Pictures alone: learn to fill holes (arXiv:1806.03589, arXiv:1604.07379)."),
    Command("gan", GanConfig, "Pictures alone: learn to draw such from noise, by any game (arXiv:1406.2661)."),
    Command("vae", VaeConfig, "Pictures alone: a variational autoencoder, which needs no critic (arXiv:1312.6114)."),
    Command(
        "vae_gan",
        VaeGanConfig,
        "Pictures alone: a VAE whose reconstruction error is measured in a critic's features; the critic also judges "
        "its samples (arXiv:1512.09300).",
    ),
    Command(
        "bigan",
        BiganConfig,
        "Pictures alone: a generator and an encoder; the critic judges pairs of a picture and its code "
        "(arXiv:1605.09782).",
    ),
)


def _trains(command: Command) -> Callable[[Overrides, str | None, Path | None], None]:
    def body(overrides: Overrides, preset: str | None, config_file: Path | None) -> None:
        kind = import_module(f"img2img.recipes.{command.module}").KIND
        from img2img.training.launch import launch

        outcome = launch(kind, overrides, preset, config_file)
        if outcome and outcome.is_first:
            print(outcome.folder.weights)
        raise typer.Exit(INTERRUPTED if outcome and outcome.reason in ("interrupted", "terminated") else DONE)

    return body


app = typer.Typer(no_args_is_help=True, add_completion=False)
for _row in COMMANDS:
    app.command(_row.name, help=_row.help)(unresolved_command_from(_row.config, _trains(_row)))
