"""Three steps of every recipe that keeps a state, on one rank or on two that have half of each batch.

`python -m support.two_ranks FOLDER` is one rank of two: it leaves what it holds at the end, a file a case.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from img2img.config.toml import resolve
from img2img.config.train.bicyclegan import BicycleganConfig
from img2img.config.train.cut import CutConfig
from img2img.config.train.cyclegan import CycleganConfig
from img2img.config.train.gan import GanConfig
from img2img.config.train.munit import MunitConfig
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.config.train.stargan import StarganConfig
from img2img.config.train.unit import UnitConfig
from img2img.config.train.vae import VaeConfig
from img2img.data.sides import Sides
from img2img.recipes.bicyclegan import Bicyclegan
from img2img.recipes.cut import Cut
from img2img.recipes.cyclegan import Cyclegan
from img2img.recipes.gan import Gan
from img2img.recipes.munit import Munit
from img2img.recipes.pix2pix import Pix2pix
from img2img.recipes.stargan import Stargan
from img2img.recipes.unit import Unit
from img2img.recipes.vae import Vae
from img2img.training.ranks import Ranks, process_group
from img2img.training.step.trainer import Trainer
from support.playing import INPAINT, SRGAN, Play

STEPS, WHOLE = 3, 4
"""Steps, and pictures of a batch over all ranks."""
LATENT = 3
NOTED = (".signs", ".seen")
"""What a rank has noted of its own pictures for the next move of p, when it is added up over ranks."""

Pictures = Callable[[torch.Generator], dict[str, Tensor]]
Build = Callable[[int], tuple[Any, Any]]
"""Batch size -> the options, and the recipe that they describe."""


@dataclass(frozen=True)
class Case:
    """A recipe, the pictures of a whole batch of WHOLE, and a learning rate by which its weights move well."""

    build: Build
    pictures: Pictures
    rate: float

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """This rank's part of batches by step."""
        while True:
            whole = self.pictures(torch.Generator().manual_seed(first_step))
            part = slice(rank * batch_size, (rank + 1) * batch_size)
            yield {side: values[part] for side, values in whole.items()}
            first_step += 1


def held(case: Case, ranks: Ranks = Ranks()) -> dict[str, Tensor]:
    """All weights and buffers after the steps, and their change in one number, "moved".

    Descent without moments: Adam's steps are the same for gradients that are twice as large, and hide it.
    """
    options, recipe = case.build(WHOLE // ranks.count)
    trainer = Trainer(
        recipe, nn.Identity(), options.optimisation, options.run,
        device=torch.device("cpu"), precision="fp32", total=STEPS, ranks=ranks,
    )  # fmt: skip
    for player in (trainer.generators, trainer.critics):
        player.optimiser = torch.optim.SGD([{"params": player.weights}], lr=case.rate)
        player.base_rate = case.rate
    before = [weight.detach().clone() for weight in recipe.generators.parameters()]
    batches = trainer.batches(case)
    for _ in range(STEPS):
        trainer.take_step(batches)
    assert trainer.skipped == 0
    networks = {"generators": recipe.generators, "adversaries": trainer.critics.networks, "average": trainer.average}
    found = {
        f"{name}.{key}": value.detach().clone().contiguous()
        for name, module in networks.items()
        if module is not None
        for key, value in module.state_dict().items()
        if isinstance(value, Tensor) and not key.endswith(NOTED)
    }
    steps = zip(before, recipe.generators.parameters(), strict=True)
    return found | {"moved": torch.stack([(one - other).abs().max() for one, other in steps]).max().detach()}


def _noise(chance: torch.Generator, channels: int, side: int) -> Tensor:
    return torch.rand(WHOLE, channels, side, side, generator=chance) * 2 - 1


def _sides(chance: torch.Generator) -> dict[str, Tensor]:
    return {side: _noise(chance, 3, 32) for side in "ab"}


def _codes(chance: torch.Generator) -> dict[str, Tensor]:
    """Grey pictures of ever less contrast, so that the ranks' energies differ."""
    contrast = torch.tensor([1.0, 0.9, 0.5, 0.4]).view(-1, 1, 1, 1)
    return {"real": _noise(chance, 1, 28) * contrast, "latent": torch.randn(WHOLE, LATENT, generator=chance)}


def _one_dark(chance: torch.Generator) -> dict[str, Tensor]:
    """White pictures and, on the second rank of two, a black one."""
    white = torch.tensor([1.0, 1.0, 1.0, -1.0]).view(-1, 1, 1, 1)
    return _codes(chance) | {"real": white * (1 + _noise(chance, 1, 28) / 4)}


def _options(config: type[Any], batch_size: int, **sections: dict[str, Any]) -> Any:
    sections["optimisation"] = {"batch_size": batch_size, "ema": 0.9, "schedule": "constant"}
    return resolve(config, sections)


def _translation(recipe: type[Any], config: type[Any], objective: dict[str, Any] | None = None) -> Build:
    networks = {"width": 4, "critic_width": 4, "critic_layers": 1, "dropout": 0.0, "blocks": 1}

    def build(batch_size: int) -> tuple[Any, Any]:
        options = _options(config, batch_size, networks=networks, data={"size": 32}, objective=objective or {})
        torch.manual_seed(0)
        return options, recipe(options, Sides({"a": 3, "b": 3}, {"a": "a", "b": "b"}))

    return build


def _coarse_to_fine(batch_size: int) -> tuple[Any, Any]:
    """A step of each phase, in which the others' weights stay."""
    networks = {"generator": "enhancer", "width": 4, "critic_width": 4, "critic_layers": 1, "critics": 2}
    networks |= {"dropout": 0.0, "blocks": 1, "downsamplings": 1, "norm": "instance"}
    optimisation = {"batch_size": batch_size, "ema": 0.9, "coarse_to_fine": "coarse,local,both"}
    options = resolve(
        Pix2pixConfig,
        {"optimisation": optimisation | {"schedule": "constant"}, "networks": networks, "data": {"size": 32}},
    )
    torch.manual_seed(0)
    return options, Pix2pix(options, Sides({"a": 3, "b": 3}, {"a": "a", "b": "b"}))


def _stargan(batch_size: int) -> tuple[Any, Any]:
    networks = {"width": 4, "blocks": 1, "critic_width": 4}
    options = _options(
        StarganConfig, batch_size, networks=networks, data={"size": 16}, objective={"game": "r1", "critic_steps": 2}
    )
    torch.manual_seed(0)
    return options, Stargan(options, Sides({"real": 3}, {"real": "real"}, ("x", "y", "z")))


def _bicyclegan(batch_size: int) -> tuple[Any, Any]:
    networks = {"width": 4, "encoder_width": 4, "critic_width": 4, "critic_layers": 1, "latent": LATENT}
    options = _options(BicycleganConfig, batch_size, networks=networks, data={"size": 32})
    torch.manual_seed(0)
    return options, Bicyclegan(options, _A_AND_B)


_A_AND_B = Sides({"a": 3, "b": 3}, {"a": "a", "b": "b"})
_CONTENT = {"width": 4, "blocks": 1, "critic_width": 4, "critic_layers": 2, "critics": 2}


def _munit(batch_size: int) -> tuple[Any, Any]:
    networks = _CONTENT | {"latent": LATENT, "dense": 8, "encoder_width": 4}
    options = _options(MunitConfig, batch_size, networks=networks, data={"size": 32})
    torch.manual_seed(1)  # With 0 rounding decides the sign of a difference, and so L1's gradient.
    return options, Munit(options, _A_AND_B)


def _unit(batch_size: int) -> tuple[Any, Any]:
    options = _options(UnitConfig, batch_size, networks=_CONTENT, data={"size": 32})
    torch.manual_seed(0)
    recipe = Unit(options, _A_AND_B)
    recipe.noise = torch.zeros_like  # its draws are each rank's own
    return options, recipe


def _told(*names: str) -> Pictures:
    """Pictures of both sides, and latents by these names."""

    def pictures(chance: torch.Generator) -> dict[str, Tensor]:
        return _sides(chance) | {name: torch.randn(WHOLE, LATENT, generator=chance) for name in names}

    return pictures


def _labelled(chance: torch.Generator) -> dict[str, Tensor]:
    label, target = torch.tensor([0, 1, 2, 0]), torch.tensor([2, 0, 1, 1])
    return {"real": _noise(chance, 3, 16), "label": label, "target": target}


def _gan(seed: int, networks: dict[str, Any], objective: dict[str, Any]) -> Build:
    networks = {"network": "mlp", "width": 8, "critic_width": 2, "latent": LATENT} | networks

    def build(batch_size: int) -> tuple[Any, Any]:
        options = _options(GanConfig, batch_size, networks=networks, data={"size": 28}, objective=objective)
        torch.manual_seed(seed)
        return options, Gan(options, _data())

    return build


def _vae(batch_size: int) -> tuple[Any, Any]:
    networks = {"network": "mlp", "width": 8, "encoder_width": 2, "latent": LATENT, "encoder_norm": "none"}
    options = _options(VaeConfig, batch_size, networks=networks, data={"size": 28})
    torch.manual_seed(0)
    recipe = Vae(options, _data())
    for part in recipe.generators.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0  # its draws are each rank's own
    return options, recipe


def _data() -> Sides:
    return Sides({"real": 1})


def _two_phases(play: Play, **networks: Any) -> Case:
    """One step of pixels alone, then two with the critic. networks: their options."""

    def build(batch_size: int) -> tuple[Any, Any]:
        optimisation = {"batch_size": batch_size, "ema": 0.9, "pretrain_steps": 1, "schedule": "constant"}
        sections: dict[str, Any] = {"optimisation": optimisation, "networks": networks}
        return play.config(**sections), play.made(**sections)

    def pictures(chance: torch.Generator) -> dict[str, Tensor]:
        high = _noise(chance, 3, 16)
        return {"high": high, **play.sides(high)}

    return Case(build, pictures, 0.5)


CASES = {
    "pix2pix": Case(_translation(Pix2pix, Pix2pixConfig), _sides, 0.002),
    "pix2pix, coarse to fine, two critics": Case(_coarse_to_fine, _sides, 0.002),
    "cyclegan with a pool": Case(_translation(Cyclegan, CycleganConfig), _sides, 0.02),
    "stargan": Case(_stargan, _labelled, 0.002),
    "bicyclegan": Case(_bicyclegan, _told("latent", "noise"), 0.002),
    "munit": Case(_munit, _told("style_a", "style_b"), 0.0006),
    "unit": Case(_unit, _sides, 0.0002),
    # Every place of 32 x 32 px is compared: which ones are drawn is each rank's own.
    "cut": Case(_translation(Cut, CutConfig, {"nce_patches": 32 * 32}), _sides, 0.02),
    "gan, began's k": Case(_gan(0, {}, {"game": "began", "critic_steps": 2}), _codes, 0.1),
    "gan, adaptive augmentation": Case(
        _gan(
            1, {"critic": "dcgan", "critic_norm": "none"},
            {"critic_augment": "adaptive", "augment_target": 0.25, "critic_steps": 2},
        ),
        _one_dark,
        0.1,
    ),
    "vae": Case(_vae, _codes, 1e-4),
    "inpaint": _two_phases(INPAINT, noise=False),  # which is each rank's own
    "srgan": _two_phases(SRGAN),
}  # fmt: skip

NORMED = {"gan, batch norm": Case(_gan(0, {"network": "infogan", "critic_norm": "batch"}, {}), _codes, 0.1)}
"""Cases whose layers mix the pictures of a rank: ranks hold the same, but not what one alone would."""


def main(folder: Path) -> None:
    """Plays all cases as the rank that the environment says."""
    torch.set_num_threads(1)
    ranks = Ranks.from_environment()
    with process_group(ranks, torch.device("cpu")):
        for name, case in {**CASES, **NORMED}.items():
            save_file(held(case, ranks), folder / f"{name}.{ranks.rank}.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
