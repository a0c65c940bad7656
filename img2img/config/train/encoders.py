"""Networks of the recipes with an encoder: a decoder of codes, an encoder of pictures, and what may judge them."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from img2img.config.base import Config, Overrides, Refusal, Section
from img2img.config.networks.pairs import PAIRS, NetworkName, PairedCriticSpec
from img2img.config.networks.prior import Prior
from img2img.config.networks.samplers import REAL, SamplerSpec
from img2img.config.networks.spec import spec_from_options
from img2img.config.networks.whole_critics import WholeNorm
from img2img.config.sections.objective import Adversarial

from .game_defaults import by_game, last_value, with_defaults, without_foreign_norm
from .gan import SIZES
from .gan_settings import Settings


class EncoderNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset({"network", "width", "latent", "encoder_width", "encoder_norm"})

    network: NetworkName = "infogan"
    """The decoder, one of the generators of `train gan`; the encoder is the critic that belongs to it."""
    width: int | None = Field(None, ge=1, le=2**16)
    """Channels of the decoder, before what its layers multiply them by [default: by the network]."""
    latent: int | None = Field(None, ge=1, le=2**16)
    """Numbers that a picture is made from [default: by the network; 64 to 128]."""
    encoder_width: int | None = Field(None, ge=1, le=2**16)
    """Channels of the encoder's first layer [default: by the network]."""
    encoder_norm: WholeNorm | None = None
    """Normalisation of the encoder [default: by the network]."""

    @property
    def prior_spec(self) -> Prior:
        """What latents are drawn from: always normal, as the codes are drawn towards it."""
        return Prior(noise=self.latent or PAIRS[self.network].generator.model_fields["latent"].default)

    def decoder_spec(self, size: int, channels: int) -> SamplerSpec:
        """The decoder to pictures of `size` px with these channels. Raises Refusal for what it does not take."""
        shape = {"size": size, "channels": channels, "latent": self.prior_spec.size}
        return spec_from_options(PAIRS[self.network].generator, "", shape | {"width": self.width})

    def encoder_spec(self, size: int, channels: int, *, gaussian: bool = True) -> PairedCriticSpec:
        """The encoder: it reads a code off a picture; gaussian: means of codes, and their log variances.

        Raises Refusal for what it does not take.
        """
        readout = self.prior_spec.size * (2 if gaussian else 1)
        shape: dict[str, Any] = {"size": size, "input_channels": channels, "readout": readout}
        shape |= {"width": self.encoder_width, "norm": self.encoder_norm}
        return spec_from_options(PAIRS[self.network].critic, "encoder-", shape)


class JudgedNetworks(EncoderNetworks):
    """networks"""

    fixed: ClassVar[frozenset[str]] = EncoderNetworks.fixed | {"critic_width", "critic_norm"}

    critic_width: int | None = Field(None, ge=1, le=2**16)
    """Channels of the critic's first layer [default: by the network]."""
    critic_norm: WholeNorm | None = None
    """Normalisation of the critic; layer, spectral and none suit gradient penalties [default: by the game, else by the
    network]."""

    @property
    def beside_the_picture(self) -> dict[str, Any]:
        """What the critic's spec says of that which it judges next to a picture: nothing."""
        return {}

    def critic_spec(self, size: int, channels: int, *, energy: bool) -> PairedCriticSpec:
        """The critic that belongs to the decoder. energy: whether the game plays with an autoencoder's.

        Raises Refusal for what it does not take, for a game that wants an autoencoder's energy, and for a decoder that
        wants several critics.
        """
        if energy:
            raise Refusal("--game began, ebgan: they play with an autoencoder's energy; here every other game does")
        sides = self.decoder_spec(size, channels).critic_sides
        if list(sides) != [REAL]:
            raise Refusal(f"--network {self.network}: it has a critic for each of {len(sides)} sizes; here one judges")
        shape = {"size": size, "input_channels": channels, "width": self.critic_width, "norm": self.critic_norm}
        return spec_from_options(PAIRS[self.network].critic, "critic-", shape | self.beside_the_picture)


class JudgedConfig(Config):
    """What the commands that train an encoder with a critic share.

    settings: their own, over which those of the game win.
    """

    settings: ClassVar[Settings] = {}

    @classmethod
    def starting_point(cls, preset: str | None, asked: Overrides) -> Overrides:
        """The preset's options, and what the game and the standard set stand for where it does not say."""
        rows = cls.presets[preset] if preset else {}
        settings = cls.settings | by_game(last_value("objective", "game", rows, asked) or Adversarial().game)
        dataset = last_value("data", "dataset", rows, asked)
        if dataset in SIZES:
            settings = {"size": SIZES[dataset]} | settings
        network = last_value("networks", "network", rows, asked) or EncoderNetworks().network
        return with_defaults(rows, without_foreign_norm(settings, network), cls)
