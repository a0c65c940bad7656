"""What the critic sees: real and fake are augmented alike, so that it cannot learn a few pictures by heart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from .adaptive import adaptive
from .diffaugment import diffaugment


class CriticAugment(nn.Module):
    """Differentiable augmentation of pictures before the critic, random through torch's global state.

    policy: diffaugment (arXiv:2006.10738), always on; or adaptive (arXiv:2006.06676), each transformation with
    probability p, which `adapt` steers.
    target: the mean sign of the critic's scores on real pictures, in [-1, 1], above which it is overfitting.
    undecided: the score of a critic that cannot tell: 0 where scores are logits, 0.5 between LSGAN's 0 and 1.

    p and all that it is steered by are in the state_dict, and so in a checkpoint.
    """

    p: Tensor
    signs: Tensor
    seen: Tensor

    def __init__(self, policy: Literal["diffaugment", "adaptive"], target: float = 0.6, undecided: float = 0.0) -> None:
        super().__init__()
        self.policy = policy
        self.target = target
        self.undecided = undecided
        self.register_buffer("p", torch.zeros(()))
        self.register_buffer("signs", torch.zeros(()))
        self.register_buffer("seen", torch.zeros(()))
        self._calls = 0
        self._images = 0

    @torch.compiler.disable  # places are sensitive to how a product is rounded, and so are quarter turns
    def forward(self, images: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
        """Augment `images` in geometry and colour, and `others`, such as the critic's condition, in the same geometry.

        images, others: (N, C, H, W) of one height and width, any C, in [-1, 1]. Colours change where `images` has 1
        or 3 channels. Gradients flow to all of them, and through a gradient too.
        Returns: (images, *others), shapes kept, float32 also under autocast.
        Raises: ValueError, where the sizes differ.
        """
        for other in others:
            if other.shape[2:] != images.shape[2:]:
                raise ValueError(f"pictures of {tuple(images.shape)} and {tuple(other.shape)} cannot be moved alike")
        with torch.autocast(images.device.type, enabled=False):  # places need more than the 8 bits of bfloat16
            images, *rest = (pictures.to(_at_least_float32(pictures)) for pictures in (images, *others))
            if self.policy == "diffaugment":
                return diffaugment(images, rest)
            return adaptive(images, rest, self.p)

    @torch.no_grad()
    def observe(self, real_scores: Tensor) -> None:
        """Take note of the critic's scores on augmented real pictures, of any shape."""
        self.signs += torch.sign(real_scores.float() - self.undecided).sum()
        self.seen += real_scores.numel()

    @torch.no_grad()
    def adapt(
        self,
        images: int,
        interval: int = 4,
        per_images: float = 500_000,
        reduce: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        """Move p, once in `interval` calls, towards the target: by sign(r - target) images / per_images, where r is the
        mean sign since the last move (arXiv:2006.06676, section 3.1). Call it after each critic step.

        images: real pictures of this step, on all ranks together. per_images: pictures in which p can go from 0 to 1.
        reduce: the sum or the mean of a tensor over the ranks, so that p stays the same on all.
        No call waits for the device.
        """
        if self.policy != "adaptive":
            return
        self._calls += 1
        self._images += images
        if self._calls % interval:
            return
        noted = torch.stack([self.signs, self.seen])
        signs, seen = (reduce(noted) if reduce is not None else noted).unbind()
        overfitting = torch.sign(signs / seen.clamp(min=1) - self.target) * (seen > 0)
        self.p.add_(overfitting * (self._images / per_images)).clamp_(0, 1)
        self.signs.zero_()
        self.seen.zero_()
        self._images = 0

    def get_extra_state(self) -> Tensor:
        """The counts that live outside the device, so that reading them does not wait for it."""
        return torch.tensor([self._calls, self._images])

    def set_extra_state(self, state: Tensor) -> None:
        """Take the counts back from a checkpoint."""
        self._calls, self._images = (int(count) for count in state)


def _at_least_float32(pictures: Tensor) -> torch.dtype:
    return torch.promote_types(pictures.dtype, torch.float32)
