"""A set of pictures against true ones in every measure, and the protocol that goes with the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from img2img.config.base import Refusal
from img2img.metrics.lpips import Backbone
from img2img.metrics.picture_figures import Figures

from .features import SMALL, PictureSet
from .fid import frechet_distance, gaussian_of
from .gan_train_test import RIDGE, fit
from .inception_score import SPLITS, inception_score
from .kid import BLOCKS, block_size, kernel_distance
from .prd import BETA, CLUSTERS, RUNS, Curve, curve_of_features
from .precision_recall import NEIGHBOURS, precision_and_recall
from .swd import DIRECTIONS, PATCH, PATCHES, sliced_wasserstein_by_size

FEWEST = 4
"""Pictures of each set that KID, and precision and recall, cannot do without."""

FEW = 5000
"""Pictures of each set that FID-5K compares."""

ENOUGH = 10000
"""Pictures of each set from which the bias of FID is usually put up with."""

SMALLEST = 16
"""Side of the smallest pictures that SWD compares, px."""

_RESIZED = {
    "clean": "bicubic with antialiasing, rounded to 8 bits",
    "tensorflow": "TensorFlow's bilinear without antialiasing",
}


@dataclass(frozen=True)
class FeatureProtocol:
    """What has to be the same before two FIDs or KIDs may be compared.

    pictures, reference: how many of each. resize: as in `Inception`. weights: hash of Inception's. seed: of the blocks.
    """

    pictures: int
    reference: int
    resize: str
    weights: str
    seed: int

    def __str__(self) -> str:
        block = block_size(self.pictures, self.reference)
        parts = [
            f"N: {self.pictures} against {self.reference}",
            f"features: pool of Inception as of 2015-12-05 (torch-fidelity's, weights {self.weights[:8]})",
            f"pictures to 299 px: {_RESIZED[self.resize]}",
            "FID: unbiased covariances, float64",
            f"KID: cubic kernel, mean and deviation of {BLOCKS} blocks of {block} pictures of each",
        ]
        return "; ".join(parts)


@dataclass(frozen=True)
class SetProtocol(FeatureProtocol):
    """As FeatureProtocol, for more measures, named by the option that switches each on."""

    measures: tuple[str, ...]
    pairs: str
    """What diversity compares, in a phrase."""

    def __str__(self) -> str:
        phrases = {
            "inception_score": f"IS: logits without bias, {SPLITS} parts",
            "precision_recall": f"precision, recall: k = {NEIGHBOURS} in the same features (their paper's: VGG16's)",
            "prd": f"PRD: {CLUSTERS} clusters, {RUNS} runs, as many pictures of each, F{BETA:.0f} weighs recall",
            "swd": f"SWD: x1000, {PATCHES} patches of {PATCH} px of each middle square at {SMALL} and {SMALLEST} px, "
            f"Laplacian pyramid, {DIRECTIONS} directions, as many pictures of each",
            "classes": f"GAN-train: softmax regression (ridge {RIDGE:g}) on the pictures' features, tested on the "
            "reference's; GAN-test: the other way (their paper's: a ResNet)",
            "diversity": f"diversity: {self.pairs}",
        }
        asked = [phrases[name] for name in phrases if name in self.measures]
        return "; ".join([super().__str__(), *asked, f"seed {self.seed}"])


@dataclass(frozen=True)
class GanProtocol(SetProtocol):
    """As SetProtocol, for samples. drawn: which ones. paths: of what path length is measured; empty for none."""

    drawn: str
    paths: str

    def __str__(self) -> str:
        return "; ".join(part for part in (super().__str__(), self.drawn, self.paths) if part)


@dataclass(frozen=True)
class TranslationProtocol(FeatureProtocol):
    """As FeatureProtocol, for translations. paired, cycle: whether there were pairs, and a way back; variants: how many
    of each picture were compared with each other."""

    paired: bool
    cycle: bool
    lpips: tuple[Backbone, ...]
    variants: int = 0

    def __str__(self) -> str:
        parts = [
            super().__str__(),
            "translations of whole pictures, float32, rounded to 8 bits",
            "to the pair: means over pictures, L1 in % of the range" if self.paired else "",
            f"LPIPS: v0.1, {' and '.join(self.lpips)}, whole pictures" if self.lpips else "",
            f"between variants: the mean over the pairs of {self.variants} styles" if self.variants else "",
            "cycle: there and back, L1 in % of the range, mean over pictures" if self.cycle else "",
            f"seed {self.seed}",
        ]
        return "; ".join(part for part in parts if part)


def feature_figures(made: PictureSet, true: PictureSet, seed: int) -> Figures:
    """fid, kid and kid_deviation, and fid_5k where both have 5,000 pictures. Raises Refusal for too few."""
    figures = {"fid": _fid(made, true)}
    if min(len(made), len(true)) >= FEW:
        figures["fid_5k"] = _fid(made.drawn(FEW, seed), true.drawn(FEW, seed))
    kid = kernel_distance(made.features, true.features, seed)
    return figures | {"kid": kid.mean, "kid_deviation": kid.deviation}


def score_figures(made: PictureSet, seed: int) -> Figures:
    """inception_score, and its deviation over parts. Raises Refusal for fewer pictures than parts."""
    mean, deviation = inception_score(made.logits, seed)
    return {"inception_score": mean, "inception_score_deviation": deviation}


def neighbour_figures(made: PictureSet, true: PictureSet) -> Figures:
    """precision and recall. Raises Refusal for too few pictures."""
    precision, recall = precision_and_recall(made.features, true.features)
    return {"precision": precision, "recall": recall}


def prd_figures(made: PictureSet, true: PictureSet, seed: int) -> tuple[Figures, Curve]:
    """f8 and f1_8, and the curve that they are of."""
    curve = curve_of_features(made.features, true.features, seed)
    return {"f8": curve.f(BETA), "f1_8": curve.f(1 / BETA)}, curve


def swd_figures(made: PictureSet, true: PictureSet, seed: int) -> Figures:
    """swd_16 and swd_32."""
    by_side = sliced_wasserstein_by_size(made.small, true.small, SMALLEST, seed)
    return {f"swd_{side}": by_side[side] for side in sorted(by_side)}


def transfer_figures(
    made: PictureSet, made_classes: Sequence[str], true: PictureSet, true_classes: Sequence[str]
) -> Figures:
    """gan_train and gan_test, %: how many of the true pictures a classifier of the made ones gets right, and of the
    made ones one of the true ones. The class of each picture is given by name."""
    names = sorted({*made_classes, *true_classes})
    labels = [torch.tensor([names.index(name) for name in classes]) for classes in (made_classes, true_classes)]
    of_made = fit(made.features, labels[0], len(names))
    of_true = fit(true.features, labels[1], len(names))
    return {
        "gan_train": 100 * of_made.accuracy(true.features, labels[1]),
        "gan_test": 100 * of_true.accuracy(made.features, labels[0]),
    }


def require_enough(*counts: int) -> None:
    """Raise Refusal, before any work, where a set has too few pictures for the measures that are always there."""
    if min(counts) < FEWEST:
        found = " and ".join(map(str, counts))
        raise Refusal(f"sets of {found} pictures cannot be compared: {FEWEST} of each or more are needed")


def bias_note(made: int, true: int) -> str:
    """What to beware of with so few pictures; empty where they are enough."""
    fewest = min(made, true)
    if fewest >= ENOUGH:
        return ""
    return (
        f"{fewest:,} pictures where {ENOUGH:,} are usual: FID comes out too high, by an amount of order 1/N; compare "
        f"it with FIDs of as many pictures alone. KID has no such bias"
    )


def _fid(made: PictureSet, true: PictureSet) -> float:
    return frechet_distance(gaussian_of(made.features), gaussian_of(true.features))
