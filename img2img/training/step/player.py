"""A player: one side's weights and its optimiser, paying bills and taking steps."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from img2img.config.sections.run import Optimisation, OptimiserName
from img2img.fastest import Precision
from img2img.training.ranks import Ranks


class Player:
    """The generators or the critics: weights that are stepped together. There may be none.

    base_rate: learning rate before the schedule.
    """

    def __init__(
        self,
        networks: nn.Module,
        base_rate: float,
        options: Optimisation,
        *,
        optimiser: OptimiserName,
        device: torch.device,
        precision: Precision,
        ranks: Ranks,
    ) -> None:
        self.networks = networks
        learning = {name: weight for name, weight in networks.named_parameters() if weight.requires_grad}
        self.names, self.weights = list(learning), list(learning.values())
        self.base_rate = base_rate
        self.ranks = ranks
        self.optimiser = _optimiser(self.weights, base_rate, optimiser, options)
        self.scaler = torch.amp.GradScaler(device.type, enabled=precision == "fp16")
        self.idle_steps = 0
        """Steps in a row in which no gradient at all reached half of the weights, or more."""
        self._owed: Tensor | None = None
        self._one = torch.ones((), device=device)

    def take_turn(self, other: Player) -> None:
        """Clears the gradients, and freezes the other player, whose gradients this turn does not need."""
        self.networks.requires_grad_(True)
        other.networks.requires_grad_(False)
        self.optimiser.zero_grad(set_to_none=True)
        self._owed = None

    def pay(self, terms: dict[str, Tensor], share: float) -> None:
        """Back-propagates `share` of the sum of the terms."""
        total = torch.stack([term.float() for term in terms.values()]).sum()
        total = total if share == 1 else total * share
        scaled = self.scaler.scale(total)
        torch.autograd.backward(scaled, self._one)
        self._owed = total.detach() if self._owed is None else self._owed + total.detach()

    def step(self, factor: float, stop: bool = False) -> tuple[bool, bool]:
        """Steps with the learning rate times `factor`, unless the loss or a gradient is not finite.

        stop: this rank's wish to end the run. Returns (stepped, whether any rank wishes to stop).
        """
        assert self._owed is not None, "pay before you step"
        loss = self._owed
        wishes: list[Tensor] = []
        if self.ranks.count > 1:
            votes = torch.stack([loss, loss.new_full((), float(stop))])
            loss, *wishes = self.ranks.average_gradients(self.weights, votes)
        gradients = [weight.grad for weight in self.weights if weight.grad is not None]
        # The one wait for the device in a turn: whether to step must be known before the next forward pass.
        told, *lengths = torch.stack([loss, *torch._foreach_norm(gradients), *wishes]).tolist()
        wish = lengths.pop() > 0 if wishes else stop
        self.idle_steps = self.idle_steps + 1 if 2 * lengths.count(0.0) >= max(len(lengths), 1) else 0
        loss_is_finite, slopes_are = math.isfinite(told), all(map(math.isfinite, lengths))
        # An infinite fp16 gradient is how the scaler finds its scale: it skips the step itself.
        if loss_is_finite and (slopes_are or self.scaler.is_enabled()):
            for group in self.optimiser.param_groups:
                group["lr"] = self.base_rate * factor
            self.scaler.step(self.optimiser)
            self.scaler.update()
            torch.clear_autocast_cache()  # of what the weights were
        return loss_is_finite and slopes_are, wish

    def state_dict(self) -> dict[str, Any]:
        """The optimiser's and the scaler's state; the names of the weights, by whose numbers the optimiser goes."""
        return {"names": self.names, "optimiser": self.optimiser.state_dict(), "scaler": self.scaler.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Puts back what state_dict gave, each moment in its weight's memory layout, as fused kernels expect.

        The optimiser's settings stay those of this player, which a resumed run may have changed. Raises ValueError,
        TypeError, KeyError or AttributeError for what state_dict does not give.
        """
        settings = [{name: group[name] for name in group if name != "params"} for group in self.optimiser.param_groups]
        self.optimiser.load_state_dict(state["optimiser"])
        for group, own in zip(self.optimiser.param_groups, settings, strict=True):
            group.update(own)
        for weight, kept in self.optimiser.state.items():
            _require_moments(kept, weight, _MOMENTS[type(self.optimiser)])
            for name, value in kept.items():
                if value.shape == weight.shape:
                    kept[name] = torch.empty_like(weight).copy_(value)
        if self.scaler.is_enabled():
            self.scaler.load_state_dict(state["scaler"])


_MOMENTS: dict[type, frozenset[str]] = {
    torch.optim.Adam: frozenset({"exp_avg", "exp_avg_sq", "step"}),
    torch.optim.RMSprop: frozenset({"square_avg", "step"}),
    torch.optim.SGD: frozenset({"momentum_buffer"}),
}


def _require_moments(kept: dict[str, Any], weight: Tensor, names: frozenset[str]) -> None:
    """Raises ValueError unless this is what an optimiser keeps for the weight; it would fail in the next step."""
    if kept.keys() != names:
        raise ValueError(f"an optimiser keeps {', '.join(sorted(names))}, not {len(kept)} other things")
    for name, value in kept.items():
        wanted = torch.Size() if name == "step" else weight.shape
        if not isinstance(value, Tensor) or value.shape != wanted or not value.is_floating_point():
            raise ValueError(f"the optimiser's {name} does not fit a weight of {list(weight.shape)}")


def _optimiser(
    weights: list[nn.Parameter], rate: float, name: OptimiserName, options: Optimisation
) -> torch.optim.Optimizer:
    group = [{"params": weights}]  # an optimiser takes an empty group, but no empty list
    decay = options.weight_decay
    if name == "rmsprop":
        return torch.optim.RMSprop(group, lr=rate, weight_decay=decay)
    if name == "sgd":
        return torch.optim.SGD(group, lr=rate, momentum=options.momentum, weight_decay=decay)
    return torch.optim.Adam(group, lr=rate, betas=(options.beta1, options.beta2), weight_decay=decay, fused=True)
