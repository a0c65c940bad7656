"""Everything `img2img evaluate` can be told."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from img2img.config.train.gan_settings import StandardName

from .apply import Filler
from .base import Config, Name, Section
from .data_commands import HolesOutsideTraining
from .device import OnDevice

LARGEST_SCALE = 8


class Compared(Section):
    """pictures"""

    reference: Path | None = None
    """Folder of the true pictures, in high resolution."""
    images: Path | None = None
    """Folder of results to compare with them, under the same names."""
    model: Name | None = None
    """What makes the results instead: a model's name, a weights file, a run's folder, or bicubic, the baseline."""
    low: Path | None = None
    """Folder of low resolutions for --model, under the same names [default: made by MATLAB's bicubic]."""
    scale: int | None = Field(None, ge=1, le=LARGEST_SCALE)
    """Factor between low and high resolution [default: the model's; 4 for --images and bicubic]."""
    strength: float | None = Field(None, ge=0, le=1)
    """How much of what --model invents comes through, as in `img2img upscale` [default: 1; with --blend 0.5]."""
    blend: Name | None = None
    """Weights of the same network that --strength goes towards, a name or a file [default: the shipped psnr model]."""


class Completed(Section):
    """pictures"""

    reference: Path | None = None
    """Folder of the true pictures."""
    images: Path | None = None
    """Folder of filled pictures to compare with them, under the same names; their masks are --mask."""
    model: Name | None = None
    """What fills instead: a model's name, a weights file, a run's folder."""
    method: Filler | None = None
    """How it fills, as in `img2img inpaint`; telea and navier-stokes, the baselines, without weights [default:
    network]."""
    mask: Path | None = None
    """A mask for all pictures, or a folder with one for each under its name [default: drawn by --seed and the masks'
    options]."""
    seed: int = Field(0, ge=0)
    """Seed of the drawn masks and of KID's blocks: the same seed and options give the same holes."""


class TwoFolders(Section):
    """pictures"""

    arguments: ClassVar[tuple[str, ...]] = ("images", "reference")

    images: Path | None = None
    """Folder of the pictures to measure."""
    reference: Path | None = None
    """Folder of the true pictures that they should be like."""
    count: int | None = Field(None, ge=2)
    """Pictures of each folder that are compared, drawn by --seed [default: all]."""


class Generated(Section):
    """pictures"""

    model: Name | None = None
    """What draws: a weights file, or the folder of a run."""
    reference: Path | None = None
    """Folder of the true pictures that its samples should be like."""
    dataset: StandardName | None = None
    """A standard set in place of --reference: its test half."""
    root: Path = Path("data")
    """Folder of the standard sets, as torchvision lays it out; what is not there is fetched."""
    count: int | None = Field(None, ge=2)
    """Samples to draw, the first one's number being --seed [default: as many as the reference has, at most 10,000]."""
    reference_count: int | None = Field(None, ge=2)
    """Pictures of the reference that they are compared with, drawn by --seed [default: all]."""
    truncation: float | None = None
    """Draw from the middle of the noise alone, or nearer to stylegan's mean, as in `img2img sample`."""


class Translated(Section):
    """pictures"""

    model: Name | None = None
    """What translates: a weights file, or the folder of a run."""
    a: Path | None = None
    """Folder of pictures of the domain that the model calls its first, kept out of the training."""
    b: Path | None = None
    """Folder of pictures of the other domain."""
    pairs: Path | None = None
    """Pairs instead, laid out as for training: side by side, or same-named in two sub-folders; of val/ or test/ where
    there is one."""


class Measures(OnDevice):
    """measures"""

    lpips: Literal["auto", "none", "alex", "vgg", "both"] = "auto"
    """Which perceptual distances; auto: those whose weights are at hand."""
    lpips_weights: Path | None = None
    """Folder of LPIPS's weights, lpips_lin_alex.pth and such [default: $IMG2IMG_LPIPS]."""
    as_json: bool = Field(False, serialization_alias="json")
    """Print JSON."""


class PictureMeasures(Measures):
    """measures"""

    per_image: bool = False
    """Also print a row for each picture."""


class SrMeasures(PictureMeasures):
    """measures"""

    border: int | None = Field(None, ge=0)
    """Pixels at each side that PSNR and SSIM leave out [default: the scale]."""


class InceptionMeasures(Measures):
    """measures"""

    inception: Path | None = None
    """File of Inception's weights in torch-fidelity's layout [default: $IMG2IMG_INCEPTION, else its download]."""
    resize: Literal["clean", "tensorflow"] = "clean"
    """How pictures become Inception's 299 px: clean is bicubic with antialiasing; tensorflow is the bilinear without it
    of papers before 2021, for comparison with their numbers."""
    batch_size: int = Field(32, ge=1, le=4096)
    """Pictures that Inception sees at once."""


class HoleMeasures(PictureMeasures, InceptionMeasures):
    """measures"""

    fid: bool | None = None
    """FID and KID of all filled pictures against all true ones, whole pictures as sets [default: of 100 pictures or
    more, where --inception or $IMG2IMG_INCEPTION names the weights]."""


class FeatureMeasures(InceptionMeasures):
    """measures"""

    seed: int = Field(0, ge=0, lt=2**31)
    """Seed of everything random: pictures, blocks, clusters, patches, pairs."""


class SetMeasures(FeatureMeasures):
    """measures"""

    cache: bool = True
    """Keep what Inception saw of the reference, by its content, in $IMG2IMG_HOME/cache or the platform's cache."""
    inception_score: bool | None = None
    """Inception score of the images [default: where the weights have the class layer]."""
    precision_recall: bool = True
    """Precision and recall by nearest neighbours; time grows with the square of the number of pictures."""
    prd: bool = True
    """The curve of precision and recall of distributions, with F8 and F1/8; the curve itself with --json."""
    swd: bool = True
    """Sliced Wasserstein distance at 16 and 32 px."""
    pairs: int = Field(500, ge=1, le=1_000_000)
    """Pairs of pictures whose mean LPIPS is the diversity; --lpips none: no diversity."""
    pair_size: int = Field(256, ge=32, le=1024)
    """Side of the squares that make these pairs, px."""


class FolderMeasures(SetMeasures):
    """measures"""

    classes: bool = False
    """Sub-folders are classes, the same in both: GAN-train and GAN-test accuracy."""


class GanMeasures(SetMeasures):
    """measures"""

    classes: bool | None = None
    """GAN-train and GAN-test accuracy [default: where the samples and the reference have the same classes]."""
    path_length: int = Field(0, ge=0, le=1_000_000)
    """Paths of which the perceptual path length is the mean; its paper takes 100,000; 0: none."""


class EvaluateSrConfig(Config):
    """Options of `img2img evaluate sr`."""

    pictures: Compared = Compared()
    measures: SrMeasures = SrMeasures()


class EvaluateInpaintConfig(Config):
    """Options of `img2img evaluate inpaint`."""

    pictures: Completed = Completed()
    masks: HolesOutsideTraining = HolesOutsideTraining()
    measures: HoleMeasures = HoleMeasures()


class EvaluateImagesConfig(Config):
    """Options of `img2img evaluate images`."""

    pictures: TwoFolders = TwoFolders()
    measures: FolderMeasures = FolderMeasures()


class EvaluateGanConfig(Config):
    """Options of `img2img evaluate gan`."""

    pictures: Generated = Generated()
    measures: GanMeasures = GanMeasures()


class EvaluateTranslateConfig(Config):
    """Options of `img2img evaluate translate`."""

    pictures: Translated = Translated()
    measures: FeatureMeasures = FeatureMeasures()
