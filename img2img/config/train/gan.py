"""Everything `img2img train gan` can be told: pictures from noise (arXiv:1406.2661)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from img2img.config.base import Config, Overrides, Refusal, Section
from img2img.config.networks import CriticSpec
from img2img.config.networks.critics import AutoencoderSpec
from img2img.config.networks.pairs import PAIRS, CriticName, NetworkName
from img2img.config.networks.prior import Prior, PriorName
from img2img.config.networks.samplers import SamplerSpec, halvings
from img2img.config.networks.spec import spec_from_options
from img2img.config.networks.whole_critics import WholeNorm
from img2img.config.sections.data import ImageData
from img2img.config.sections.objective import Adversarial, GameName
from img2img.config.sections.run import Optimisation, Run, Schedule

from .game_defaults import by_game, last_value, with_defaults, without_foreign_norm
from .gan_presets import NETWORK_PRESETS
from .gan_settings import STUDY, STUDY_COMMON, STUDY_EPOCHS, Settings, StandardName

SIZES: dict[StandardName, int] = {"mnist": 28, "fashion-mnist": 28, "cifar10": 32}
"""Side of the pictures of each standard set, px."""


class GanData(ImageData):
    """data"""

    images: Path | None = None
    """Folder of pictures, flat, or with a sub-folder for each class; train/ and val/ are found."""
    dataset: StandardName | None = None
    """A standard set, with its classes, in place of --images."""
    root: Path = Path("data")
    """Folder of the standard sets, as torchvision lays it out; what is not there is fetched."""
    size: int = Field(64, ge=16, le=4096)
    """Side of the square pictures that are learnt, px; by default that of the --dataset."""
    load_size: int | None = Field(None, ge=16, le=8192)
    """Side that is read before the random crop to --size, px [default: size, no crop]."""
    flip: bool = False
    """Mirror half of the pictures."""

    @property
    def loaded_side(self) -> int:
        """Side before the random crop, px: size, unless load_size is larger."""
        return max(self.load_size or self.size, self.size)


class GanNetworks(Section):
    """networks"""

    fixed: ClassVar[frozenset[str]] = frozenset(
        {"network", "width", "latent", "prior", "critic", "critic_width", "critic_norm", "critic_code", "critic_error"}
        | {"layer_noise", "minibatch"}
        | {"condition", "categorical", "continuous"}
    )

    network: NetworkName = "dcgan"
    """The generator: the first GAN's dense layers, InfoGAN's (the large-scale study's, for 28 and 32 px), DCGAN's
    convolutions (28, 32, 64 or 128 px); for 8 to 256 px SNDCGAN's, SNGAN's residual blocks, SAGAN's with attention, a
    small StyleGAN2, LAPGAN's chain, or a progressively growing one."""
    width: int | None = Field(None, ge=1, le=2**16)
    """Channels of the generator, before what its layers multiply them by [default: by the network]."""
    latent: int | None = Field(None, ge=1, le=2**16)
    """Numbers of noise that a picture is made from [default: by the network; 64 to 128]."""
    prior: PriorName = "normal"
    """What the noise is drawn from: N(0, 1), or uniform in [-1, 1]."""
    layer_noise: float = Field(0.0, ge=0, le=10)
    """Standard deviation of further noise, on the activations of the generator's hidden layers in training; of mlp,
    infogan, dcgan and sndcgan; 0: none."""
    condition: Literal["none", "input", "projection", "auxiliary"] = "none"
    """How classes come in. The generator is told which to draw; the critic sees it beside the picture (input, CGAN), in
    its score (projection), or has to name it (auxiliary, ACGAN)."""
    categorical: str = ""
    """InfoGAN's categorical codes that the critic has to recognise, each by its number of values: 10, or 10,10."""
    continuous: int = Field(0, ge=0)
    """How many of InfoGAN's continuous codes the critic has to recognise."""
    critic: CriticName | None = None
    """The critic [default: what belongs to --network; autoencoder for began and ebgan, which want its energy]."""
    critic_width: int | None = Field(None, ge=1, le=2**16)
    """Channels of the critic's first layer [default: by the critic]."""
    critic_norm: WholeNorm | None = None
    """Normalisation of the critic; layer, spectral and none suit gradient penalties [default: by the game, else by the
    critic]."""
    minibatch: Literal["none", "std", "discrimination"] = "none"
    """Statistics across the batch among what the critic's score is made from, against mode collapse; stylegan and
    progressive have the deviation already."""
    critic_code: int = Field(4, ge=1)
    """Channels of the autoencoder critic's code, on a map of 4 to 7 px."""
    critic_error: Literal["l1", "l2"] = "l2"
    """Error of the autoencoder critic: the mean of absolute (l1) or of squared (l2) differences."""

    @property
    def prior_spec(self) -> Prior:
        """What latents are drawn from."""
        usual = PAIRS[self.network].generator.model_fields["latent"].default
        values = tuple(int(count) for count in self.categorical.split(",") if count)
        return Prior(
            distribution=self.prior, noise=self.latent or usual, categorical=values, continuous=self.continuous
        )

    def generator_spec(self, size: int, channels: int, classes: int = 0) -> SamplerSpec:
        """The generator of pictures of `size` px with these channels, of so many classes.

        Raises Refusal for what it does not take.
        """
        shape = {"size": size, "channels": channels, "latent": self.prior_spec.size, "classes": classes}
        spec, noise = PAIRS[self.network].generator, {"layer_noise": self.layer_noise} if self.layer_noise else {}
        if noise and "layer_noise" not in spec.model_fields:
            having = ", ".join(name for name, pair in PAIRS.items() if "layer_noise" in pair.generator.model_fields)
            raise Refusal(f"--layer-noise goes with --network {having}, and not with {self.network}")
        return spec_from_options(spec, "", shape | {"width": self.width} | noise)

    def critic_spec(self, size: int, channels: int, classes: int = 0, *, energy: bool) -> CriticSpec:
        """The critic of such pictures; energy: the game wants an autoencoder's (began, ebgan).

        Raises Refusal for what the critic does not take, and for options that do not go together.
        """
        codes = self.prior_spec.codes
        if classes and codes:
            raise Refusal(f"--condition {self.condition} and codes (--categorical, --continuous): one at a time")
        wanted = self.critic or ("autoencoder" if energy else self.network)
        if energy != (wanted == "autoencoder"):
            raise Refusal(f"--critic {wanted}: began and ebgan play with an autoencoder's energy, and only they do")
        if wanted == "autoencoder":
            if classes or codes:
                raise Refusal("--condition, --categorical, --continuous: not with the autoencoder of began and ebgan")
            if self.minibatch != "none":
                raise Refusal(f"--minibatch {self.minibatch}: not with the autoencoder of began and ebgan")
            return self._autoencoder(size, channels)
        shape: dict[str, Any] = {"size": size, "input_channels": channels, "minibatch": self.minibatch}
        shape |= {"width": self.critic_width, "norm": self.critic_norm}
        if self.condition in ("input", "projection"):
            return spec_from_options(
                PAIRS[wanted].critic, "critic-", shape | {"classes": classes, "told": self.condition}
            )
        return spec_from_options(PAIRS[wanted].critic, "critic-", shape | {"readout": classes or codes})

    @field_validator("categorical")
    @classmethod
    def _are_counts(cls, text: str) -> str:
        if text and not all(part.isdecimal() and int(part) > 1 for part in text.split(",")):
            raise ValueError("write numbers of values from 2 on, such as 10 or 10,10")
        return text

    def _autoencoder(self, size: int, channels: int) -> AutoencoderSpec:
        if self.critic_norm not in (None, "none"):
            raise Refusal(f"--critic-norm {self.critic_norm}: the autoencoder critic has none")
        shape = {"input_channels": channels, "layers": halvings(size), "width": self.critic_width}
        exponent = 1 if self.critic_error == "l1" else 2
        return spec_from_options(AutoencoderSpec, "critic-", shape | {"code": self.critic_code, "exponent": exponent})


class GanObjective(Adversarial):
    """objective"""

    class_weight: float = Field(1.0, ge=0)
    """Weight of the class that the critic names, with --condition auxiliary."""
    code_weight: float = Field(1.0, ge=0)
    """Weight of recognising the categorical codes."""
    continuous_weight: float = Field(0.1, ge=0)
    """Weight of recognising the continuous codes."""
    path_length: float = Field(0.0, ge=0)
    """Weight of the evenness of paths through stylegan's styles; 2 in its paper; 0: off."""


class GanOptimisation(Optimisation):
    """optimisation"""

    batch_size: int = Field(64, ge=1)
    """Images of one step, on each device; as the next ones by the game, where that has its own."""
    lr: float = Field(2e-4, gt=0)
    """Learning rate of the generator."""
    schedule: Schedule = "constant"
    """How the learning rate falls: in a line or half a cosine to zero; by steps (step); by several half cosines, each
    from the top (restarts); or wherever a figure has stopped getting better (plateau)."""
    decay_from: float = Field(0.0, ge=0, le=1)
    """Share of the run before the linear decay begins, or before the one step of the schedule step."""


class GanRun(Run):
    """run"""

    samples: int = Field(64, ge=1, le=256)
    """Pictures on a sample sheet, of the same latents throughout."""


class GanConfig(Config):
    """Options of `img2img train gan`."""

    data: GanData = GanData()
    networks: GanNetworks = GanNetworks()
    objective: GanObjective = GanObjective()
    optimisation: GanOptimisation = GanOptimisation()
    run: GanRun = GanRun()

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "study": {},
        **NETWORK_PRESETS,
        # Small enough for two CPU cores.
        "quick": {
            "networks": {"network": "infogan", "width": 32, "critic_width": 32},
            "optimisation": {"ema": 0.99},
            "run": {"steps": 3000, "sample_every": 500},
        },
    }

    @classmethod
    def starting_point(cls, preset: str | None, asked: Overrides) -> Overrides:
        """The preset's options, and what the game and the standard set stand for where it does not say.

        Raises Refusal for a game that the study has not.
        """
        rows = cls.presets[preset] if preset else {}
        game = last_value("objective", "game", rows, asked) or GanObjective().game
        condition, dataset = (
            last_value("networks", "condition", rows, asked),
            last_value("data", "dataset", rows, asked),
        )
        settings = _of_study(game, dataset) if preset == "study" else by_game(game, condition)
        if dataset in SIZES:
            settings = {"size": SIZES[dataset]} | settings
        network = last_value("networks", "critic", rows, asked) or last_value("networks", "network", rows, asked)
        settings = without_foreign_norm(settings, network or settings.get("network", GanNetworks().network))
        return with_defaults(rows, settings, cls)


def _of_study(game: GameName, dataset: StandardName | None) -> Settings:
    if game not in STUDY:
        raise Refusal(f"--preset study --game {game}: the study has {', '.join(STUDY)}")
    length = {"epochs": STUDY_EPOCHS[dataset]} if dataset else {}
    return STUDY_COMMON | STUDY[game] | length
