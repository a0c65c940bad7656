"""Optimisation and run options, shared by every recipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator

from img2img.config.base import Section
from img2img.config.durations import seconds

Schedule = Literal["linear", "cosine", "step", "constant", "restarts", "plateau"]

FigureName = Literal["lpips", "psnr", "kid", "fid"]
"""Figures on held-out pictures; auto stands for one of them."""

OptimiserName = Literal["adam", "rmsprop", "sgd"]

PrecisionName = Literal["auto", "fp32", "bf16", "fp16"]


@dataclass(frozen=True)
class Phase:
    """A stretch of the run over which the learning rates follow a schedule once.

    first: the step it begins with, counted from 0; length: steps. rate: factor on the learning rates.
    """

    name: str
    first: int
    length: int
    schedule: Schedule
    rate: float = 1.0


class Optimisation(Section):
    """optimisation"""

    fixed: ClassVar[frozenset[str]] = frozenset({"optimiser", "critic_optimiser"})

    batch_size: int = Field(1, ge=1, le=2**16)
    """Images of one step, on each device."""
    accumulate: int = Field(1, ge=1, le=2**16)
    """Batches whose gradients are summed before a step."""
    optimiser: OptimiserName = "adam"
    """Adam; RMSprop, as in the WGAN paper; SGD with momentum, as in the first GAN's, which wants a far larger --lr."""
    critic_optimiser: OptimiserName | None = None
    """Optimiser of the critics [default: --optimiser]."""
    lr: float = Field(2e-4, gt=0, le=100)
    """Learning rate of the generators."""
    critic_lr: float | None = Field(None, gt=0, le=100)
    """Learning rate of the critics, for two time scales (TTUR) [default: --lr]."""
    beta1: float = Field(0.5, ge=0, lt=1)
    """Adam's first moment decay."""
    beta2: float = Field(0.999, ge=0, lt=1)
    """Adam's second moment decay."""
    momentum: float = Field(0.9, ge=0, lt=1)
    """SGD's momentum."""
    weight_decay: float = Field(0.0, ge=0, le=1)
    """Share of each weight, biases too, that is added to its gradient (L2), of generators and critics; 0: none."""
    schedule: Schedule = "linear"
    """How the learning rate falls: in a line or half a cosine to zero; by steps (step); by several half cosines, each
    from the top (restarts); or wherever a figure has stopped getting better (plateau)."""
    decay_from: float = Field(0.5, ge=0, le=1)
    """Share of the run before the linear decay begins, or before the one step of the schedule step."""
    step_every: int | None = Field(None, ge=1, le=10**9)
    """Training steps after which the schedule step lowers the rate, again and again [default: once, at --decay-from].
    """
    step_factor: float = Field(0.1, gt=0, lt=1)
    """What the schedule step multiplies the rate by."""
    restarts: int = Field(3, ge=1, le=1000)
    """How often the schedule restarts begins anew."""
    restart_growth: float = Field(1.0, ge=1, le=100)
    """How many times as long as the one before each of its half cosines is."""
    plateau_of: str | None = None
    """The loss that the schedule plateau watches, by its name in the log, such as generator/l1 [default: the figure of
    --validate-every]."""
    plateau_every: int = Field(500, ge=1)
    """Steps over which that loss is averaged, from one look to the next."""
    patience: int = Field(5, ge=1)
    """Looks in a row without a better figure, after which the schedule plateau lowers the rate."""
    plateau_factor: float = Field(0.5, gt=0, lt=1)
    """What it multiplies the rate by."""
    ema: float = Field(0.999, ge=0, lt=1)
    """Decay of the moving average of the generators' weights, which is what is saved; 0: off."""
    initial_std: float | None = Field(None, ge=0, le=100)
    """Standard deviation of the first weights, N(0, std); 0: as each network begins by itself [default: by the network;
    0.02, but 0 for sngan, sagan and the networks of stargan, unit and munit]."""
    initial_gain: float | None = Field(None, gt=0, le=100)
    """Xavier's first weights, normal, with this gain, in place of --initial-std."""
    start_from: str | None = None
    """Weights that the generators begin with: a file, a run's folder, or the name of shipped ones. What does not fit,
    as the head of another scale, is left out, and said."""
    start_state: Path | None = None
    """With --start-from: the critics and second moments that were kept beside those weights."""

    def with_length(self, total: int) -> Self:
        """The same with every default that depends on the run's length, which a longer resume then leaves alone."""
        return self

    def phases(self, total: int) -> tuple[Phase, ...]:
        """What a run of `total` steps consists of, in order."""
        return (Phase("", 0, total, self.schedule),)


class Run(Section):
    """run"""

    fixed: ClassVar[frozenset[str]] = frozenset({"seed"})
    per_session: ClassVar[frozenset[str]] = frozenset({"out", "time_limit", "resume", "device", "dry_run", "quiet"})

    out: Path | None = None
    """Folder of the run [default: runs/RECIPE]."""
    steps: int | None = Field(None, ge=1, le=10**9)
    """Length of the run, generator steps; the total, also when resumed."""
    epochs: float | None = Field(None, gt=0, le=10**6)
    """Length of the run, passes through the data, in place of --steps [default: 200]."""
    time_limit: str | None = None
    """Stop and save after this long: 9m, 1.5h."""
    resume: bool = False
    """Go on where the run in --out stopped."""
    device: str = "auto"
    """auto (cuda, then mps, then cpu), cpu, mps, cuda, cuda:1, ..."""
    precision: PrecisionName = "auto"
    """Number format of the networks; losses and penalties stay fp32; auto: bf16 where a GPU or CPU has it and it pays,
    else fp32."""
    channels_last: bool | None = None
    """Memory layout NHWC, in place of NCHW [default: by what was faster on such a device]."""
    compile: bool = False
    """Compile the networks with torch.compile; critics with a gradient penalty stay as they are."""
    execution: Literal["eager", "compiled"] = "eager"
    """How a step is computed: operation by operation; or compiled as a whole by torch.compile, but for penalties, pools
    and the critic's augmentation, and on CUDA recorded as graphs. The first steps then take minutes."""
    recompute: bool = False
    """Compute the generators' activations again in the backward pass: less memory, more time."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Seed of everything random."""
    log_every: int = Field(50, ge=1)
    """Steps between two lines of the log."""
    sample_every: int = Field(500, ge=1)
    """Steps between two sample sheets."""
    save_every: int = Field(1000, ge=1)
    """Steps between two checkpoints."""
    validate_every: int = Field(0, ge=0)
    """Steps between two looks at held-out pictures; the weights with the best figure are kept as
    weights-best.safetensors; 0: none."""
    validate_by: Literal["auto", "lpips", "psnr", "kid", "fid"] = "auto"
    """The figure: of pairs LPIPS or PSNR, else of sets KID or FID [default: of pairs LPIPS where its weights are named,
    else PSNR; of sets KID]."""
    validate_pictures: int = Field(200, ge=1, le=50_000)
    """Most held-out pictures of a look; of the training pictures where none are held out."""
    validate_weights: Path | None = None
    """Folder of LPIPS's weights, or file of Inception's for KID and FID [default: $IMG2IMG_LPIPS, $IMG2IMG_INCEPTION].
    """
    samples: int = Field(4, ge=1, le=64)
    """Pictures on a sample sheet."""
    tensorboard: bool = True
    """Write TensorBoard events."""
    dry_run: bool = False
    """Check the data, say what would be done, and stop."""
    quiet: bool = False
    """Nothing on stderr but errors and pictures that cannot be read."""

    def length(self, steps_per_epoch: int) -> int:
        """Length of the run, steps: what is asked for, else 200 passes through the data."""
        return self.steps or max(1, round((self.epochs or 200) * steps_per_epoch))

    @field_validator("time_limit")
    @classmethod
    def _is_duration(cls, value: str | None) -> str | None:
        if value is not None:
            seconds(value)
        return value
