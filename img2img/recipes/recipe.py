"""What the trainer knows of a recipe, and what recipes share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeVar, cast

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from img2img.adversarial import GAMES, Adversary, Game, Readout, Stabilisers
from img2img.config.base import Refusal
from img2img.config.card import NetworkCard, Task
from img2img.config.networks import CriticSpec, Spec
from img2img.config.networks.translators import TranslatorSpec
from img2img.config.sections.data import Shape
from img2img.config.sections.objective import Adversarial
from img2img.data.critic_augment.critic_augment import CriticAugment
from img2img.networks import build

Output = TypeVar("Output")

Terms = dict[str, Tensor]
"""Named, weighted scalars: a player's loss is their sum."""
Batch = Mapping[str, Tensor]
"""Side or domain name -> (N, C, H, W) float32 in [-1, 1]."""


class Recipe(Protocol):
    """Networks, adversaries, and the two bills of one batch."""

    generators: nn.ModuleDict
    """What learns with the generators. Those without a card are in the checkpoint and in no weights file."""
    frozen: nn.ModuleDict
    """Networks that measure and do not learn: they follow to the device, and are in no file of the run."""
    phase: str
    """Name of the phase of the step that is taken, or was last (`Optimisation.phases`); the trainer keeps it."""

    @property
    def adversaries(self) -> Mapping[str, Adversary]:
        """By what they judge; may be empty."""

    @property
    def name(self) -> str:
        """As in `img2img train NAME`."""

    @property
    def task(self) -> Task:
        """What its weights are for."""

    @property
    def game(self) -> str:
        """Name of the row of GAMES."""

    @property
    def critics(self) -> Mapping[str, CriticSpec]:
        """The spec of each adversary's critic."""

    @property
    def first(self) -> Literal["critics", "generators"]:
        """Which player steps first; both are charged for the same fakes."""

    @property
    def critic_steps(self) -> int:
        """Critic steps for each generator step, each on a fresh batch."""

    def play(self, batch: Batch) -> Terms:
        """One forward of the generators, shared by both bills. Without gradients, only what the critics need."""

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What the critics pay. Nothing, {}, leaves them idle: they take no step."""

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What the generators pay."""

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """Captioned columns of a sample sheet, (N, C, H, W) in [-1, 1]."""

    def network_cards(self) -> dict[str, NetworkCard]:
        """What the weights file says of each generator that it holds, as it is to be applied after this phase's steps:
        where a part has yet to learn, its spec leaves that out, and the weights stay those of the whole."""


def game_of(options: Adversarial) -> Game:
    """The row that these options name, with their penalty weight, margin and diversity.

    Raises Refusal for one that it does not have.
    """
    game = GAMES[options.game]
    if options.penalty is not None:
        game = game.with_penalty(options.penalty)
    if options.margin is not None:
        game = game.with_margin(options.margin)
    return game if options.diversity is None else game.with_diversity(options.diversity)


def adversary_of(spec: CriticSpec, options: Adversarial, readout: Readout | None = None) -> Adversary:
    """One adversary with everything that the objective options switch on. readout: of a critic with such a head.

    Raises Refusal for adaptive augmentation in a game whose scores do not say what the critic believes.
    """
    game = game_of(options)
    if options.critic_augment == "adaptive" and game.undecided is None:
        readable = ", ".join(name for name, row in GAMES.items() if row.undecided is not None)
        raise Refusal(
            f"--critic-augment adaptive reads from the scores how sure the critic is, which those of {options.game} "
            f"do not say; it goes with {readable}; diffaugment goes with every game"
        )
    view = None
    if options.critic_augment != "none":
        view = CriticAugment(options.critic_augment, options.augment_target, undecided=game.undecided or 0.0)
    stabilisers = Stabilisers(
        real_label=options.real_label,
        label_flip=options.label_flip,
        instance_noise=options.instance_noise,
        feature_matching=options.feature_matching,
        pool=options.pool,
        unroll=options.unroll,
    )
    return Adversary(build(spec), game, stabilisers=stabilisers, view=view, readout=readout)


def generate(network: nn.Module, image: Tensor, recompute: bool, *told: Tensor) -> Tensor:
    """The network's picture, float32; told: what it is told beside the image; recompute: as in `run_network`."""
    picture: Tensor = run_network(network, image, recompute, *told)
    return picture.float()


def run_network(network: Callable[..., Output], image: Tensor, recompute: bool, *told: Tensor) -> Output:
    """What the network gives of the image and of what it is told beside it.

    recompute: its activations are not kept but computed again when needed.
    """
    if recompute and torch.is_grad_enabled():
        return cast(Output, checkpoint(network, image, *told, use_reentrant=False))
    return network(image, *told)


def weighted(prefix: str, weight: float, terms: Terms) -> Terms:
    """The terms under a prefix, each times a weight."""
    return {f"{prefix}{name}": term if weight == 1 else weight * term for name, term in terms.items()}


def translation_card(spec: TranslatorSpec, source: str, target: str) -> NetworkCard:
    """The card of a generator from one named domain to another."""
    return NetworkCard(spec=spec, source=source, target=target)


def require_size(size: int | Shape, spec: Spec, whose: str, scale: int = 1) -> None:
    """Refuses a --size whose pictures, `scale` times smaller, are not what a network takes; whose: which, in words."""
    needs = spec.needs
    step, least = needs.multiple_of * scale, needs.minimum * scale
    most = needs.maximum and needs.maximum * scale
    sides = (size,) if isinstance(size, int) else size
    if any(side % step or side < least or (most and side > most) for side in sides):
        to = f" up to {most} px" if most else ""
        told = "x".join(map(str, dict.fromkeys(reversed(sides))))
        raise Refusal(f"--size {told}: {whose}, {spec.network}, takes multiples of {step} px from {least} px on{to}")


def require_batch(batch_size: int, spec: Spec, whose: str) -> None:
    """Refuses a --batch-size that a network cannot learn from; whose: as in `require_size`."""
    if batch_size < spec.smallest_batch:
        normed = f"{whose}, {spec.network}, has layers that are normalised over the batch alone"
        raise Refusal(f"--batch-size {batch_size}: {normed}; allowed: {spec.smallest_batch} or more")
