"""The GAN of `img2img train gan`: noise in, pictures out, with classes or codes where they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from img2img.adversarial import Readout
from img2img.config.base import Refusal
from img2img.config.train.gan import GanConfig, GanNetworks, GanObjective
from img2img.data.folders.classes import REAL
from img2img.data.gan_data import open_gan_data
from img2img.data.latents import latents_of
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.recipes.shared.from_noise import FromNoise
from img2img.recipes.terms.readouts import class_readout, code_readout

from .kind import Kind
from .recipe import adversary_of, game_of, require_size


class Gan(FromNoise):
    """The generator, the critics and the game that the options describe.

    sides: "real". Raises Refusal where the options do not go together.
    """

    name = "gan"

    def __init__(self, config: GanConfig, sides: Sides) -> None:
        networks, objective, size, channels = config.networks, config.objective, config.data.size, sides.channels[REAL]
        game, classes = game_of(objective), _classes(config, sides)
        spec = networks.generator_spec(size, channels, len(classes))
        critics = {
            name: networks.critic_spec(side, channels, len(classes), energy=game.critic == "energy")
            for name, side in spec.critic_sides.items()
        }
        for name, side in spec.critic_sides.items():
            require_size(side, critics[name], "the critic")
        readout = _readout(networks, objective)
        super().__init__(
            build(spec),
            {name: adversary_of(critic, objective, readout) for name, critic in critics.items()},
            spec=spec,
            critics=critics,
            prior=networks.prior_spec,
            classes=classes,
            game=objective.game,
            critic_steps=objective.critic_steps or game.critic_steps,
            weight=objective.adversarial,
            path_length=objective.path_length,
        )


def _classes(config: GanConfig, sides: Sides) -> Sequence[str]:
    """The classes that the generator is told. Raises Refusal where it is to be told some, and there are none."""
    condition = config.networks.condition
    if condition == "none":
        return ()
    if not sides.classes:
        raise Refusal(
            f"--condition {condition}: the pictures of {sides.names[REAL]} have no classes; a class is a sub-folder of "
            f"--images, or of a --dataset"
        )
    return sides.classes


def _readout(networks: GanNetworks, objective: GanObjective) -> Readout | None:
    """What the critics are to read off pictures, if anything."""
    if networks.condition == "auxiliary":
        return class_readout(objective.class_weight)
    if networks.prior_spec.codes:
        return code_readout(networks.prior_spec, objective.code_weight, objective.continuous_weight)
    return None


KIND = Kind(GanConfig, Gan, open_gan_data, latents_of)
