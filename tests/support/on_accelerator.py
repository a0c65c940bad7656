"""Every recipe takes steps on the pretended accelerator, in both precisions, with every augmentation.

`python -m support.on_accelerator FILE` writes what was found as JSON: {case: [waits of the host in its last step, line
by line]}; it ends with the traceback of the first op that was given tensors of two devices.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from kornia.core import utils
from kornia.enhance import adjust
from PIL import Image
from torch import Tensor, nn

from img2img import machine
from img2img.config.sections.two_phases import ADVERSARIAL, PRETRAINING
from img2img.config.toml import resolve
from img2img.data.augment import Augment
from img2img.data.sides import Sides
from img2img.recipes import (
    bicyclegan,
    bigan,
    cut,
    cyclegan,
    gan,
    inpaint,
    munit,
    pix2pix,
    srgan,
    stargan,
    unit,
    vae,
    vae_gan,
)
from img2img.recipes.kind import Kind
from img2img.training.folder.checkpoint import load_checkpoint, save_checkpoint
from img2img.training.step.trainer import Trainer
from support.accelerator import DEVICE, Accelerator
from support.accelerator_autocast import register
from support.drawing import draw
from support.inpainters import write_inpainter
from support.running import img2img, succeeded
from support.samplers import write_generator
from support.upscalers import write_weights

SIDE, COUNT = 32, 2
"""Of the pictures, px; of a batch, pictures."""
TOTAL, PRETRAINING_STEPS = 8, 4

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A recipe, and the options that it is played with, by section. classes: of its pictures."""

    kind: Kind
    networks: Settings
    objective: Settings = field(default_factory=dict)
    data: Settings = field(default_factory=dict)
    others: Mapping[str, Settings] = field(default_factory=dict)
    side: int = SIDE
    classes: tuple[str, ...] = ()
    phase: str = ""

    @property
    def sides(self) -> Sides:
        """What its batches consist of."""
        names = ("a", "b") if self.kind in (*PAIRED, *UNPAIRED) else ("high",)
        names = ("real",) if self.kind in (*NOISY, stargan.KIND) else names
        return Sides({name: 3 for name in names}, {name: name for name in names}, self.classes)

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """Random pictures as a loader gives them, a little larger than the networks' side."""
        while True:
            chance = torch.Generator().manual_seed(first_step)
            shape = (batch_size, 3, self.side + 4, self.side + 4)
            sides: dict[str, Tensor] = {
                name: torch.randint(256, shape, dtype=torch.uint8, generator=chance) for name in self.sides.channels
            }
            yield sides | ({"label": torch.arange(batch_size) % len(self.classes)} if self.classes else {})
            first_step += 1

    def trainer(self) -> Trainer:
        """On the accelerator."""
        optimisation: dict[str, Any] = {"batch_size": COUNT}
        if self.phase:
            optimisation["pretrain_steps"] = PRETRAINING_STEPS
        sections = {
            "networks": self.networks, "objective": self.objective, "optimisation": optimisation,
            "data": {"size": self.side} | dict(self.data), **self.others,
        }  # fmt: skip
        config = resolve(self.kind.config, sections)
        torch.manual_seed(0)
        recipe = self.kind.recipe(config, self.sides)
        paired = "b" not in self.sides.channels or self.kind in PAIRED
        augment = nn.Sequential(Augment(config.data, paired), self.kind.derive(config))
        return Trainer(recipe, augment, config.optimisation, config.run, device=DEVICE, precision="fp32", total=TOTAL)

    def waits(self) -> list[str]:
        """A step in float32 and two in bfloat16: in the last one everything has been seen before; and the preparation
        of the batches after those that were prepared with the first."""
        with Accelerator() as accelerator:
            trainer = self.trainer()
            trainer.step = PRETRAINING_STEPS if self.phase == ADVERSARIAL else 0
            batches = trainer.batches(self)
            for trainer.precision in ("fp32", "bf16", "bf16"):
                accelerator.waits.clear()
                terms, _ = trainer.take_step(batches)
            assert not accelerator.not_on_mps, accelerator.not_on_mps
            for _ in range(trainer.preparation.together):
                next(batches)
            found = [f"{times} x {what} at {line}" for (what, line), times in accelerator.waits.items()]
            assert all(term.isfinite() for term in terms.values()), terms
        assert trainer.skipped == 0
        return found


PAIRED = (pix2pix.KIND, bicyclegan.KIND)
UNPAIRED = (cyclegan.KIND, cut.KIND, unit.KIND, munit.KIND)
NOISY = (gan.KIND, vae.KIND, vae_gan.KIND, bigan.KIND)
SMALL = {"width": 4, "critic_width": 4, "critic_layers": 1}
LIGHT = {"generator": "light", "blocks": 1, "critic": "patch", **SMALL}
PIXELS = {"perceptual": 0.0}
DAMAGE = {"blur": 0.9, "sensor_noise": 0.9, "jpeg": 0.9, "erase": 0.9}
MOVES = {"rotate": 20.0, "zoom": 0.2, "colour": 0.3}
CODED = {"width": 2, "encoder_width": 2, "latent": 3}
PHOTO_ONCE = {
    f"photo_{name}": 1.0
    for name in ("share", "grain_share", "blotches_share", "dust_share", "fade_share", "sharpen_share", "ringing_share")
}
MASKS = "strokes,boxes,blobs,borders+boxes,centre"


def _gan(network: str, side: int = SIDE, classes: tuple[str, ...] = (), game: str = "", **more: Any) -> Case:
    networks = {"network": network, "width": 2, "critic_width": 2, "latent": 4} | more.pop("networks", {})
    return Case(gan.KIND, networks, more | ({"game": game} if game else {}), side=side, classes=classes)


def _two(kind: Kind, phase: str, networks: Settings, others: Mapping[str, Settings], **objective: Any) -> Case:
    return Case(kind, networks, PIXELS | objective, {"size": SIDE}, others, phase=phase)


CASES = {
    "pix2pix, damage": Case(pix2pix.KIND, SMALL, data=DAMAGE | MOVES),
    "pix2pix, dragan, adaptive": Case(
        pix2pix.KIND, SMALL | {"critic_norm": "none"}, {"game": "dragan", "critic_augment": "adaptive"}
    ),
    "pix2pix, began": Case(pix2pix.KIND, SMALL, {"game": "began"}),
    "pix2pix, labels, two critics": Case(
        pix2pix.KIND, SMALL | {"critics": 2}, {"feature_matching": 1.0}, MOVES | {"labels": 5, "instances": True}
    ),
    "cyclegan, adaptive": Case(cyclegan.KIND, SMALL | {"blocks": 1}, {"critic_augment": "adaptive"}, MOVES),
    "cyclegan, diffaugment": Case(
        cyclegan.KIND, SMALL | {"blocks": 1, "critic_norm": "spectral"},
        {"critic_augment": "diffaugment", "game": "relativistic-average", "instance_noise": 0.1},
    ),
    "bicyclegan": Case(bicyclegan.KIND, SMALL | {"encoder_width": 4}),
    "unit": Case(unit.KIND, SMALL | {"blocks": 1, "critics": 2}, {"pool": 2}),
    "munit": Case(munit.KIND, SMALL | {"blocks": 1, "critics": 2, "dense": 8, "encoder_width": 4}, {"cycle": 1.0}),
    "stargan": Case(
        stargan.KIND, {"width": 4, "blocks": 1, "critic_width": 4}, {"critic_steps": 1}, DAMAGE | MOVES,
        classes=("x", "y"),
    ),
    "cut": Case(cut.KIND, SMALL | {"blocks": 1, "antialias": True, "critic_antialias": True}),
    "cut, mirrored": Case(cut.KIND, SMALL | {"blocks": 1}, {"flip_equivariance": True, "nce_identity": 0.0}),
    "srgan, pixels": _two(srgan.KIND, PRETRAINING, LIGHT, {"degradation": PHOTO_ONCE | {"photo_twice": 0.0}}),
    "srgan, critic": _two(
        srgan.KIND, ADVERSARIAL, {**SMALL, "blocks": 1, "critic": "unet"}, {"degradation": {"degrade": "bicubic"}},
        game="r1", feature_matching=1.0, grid=0.1,
    ),
    "inpaint, pixels": _two(inpaint.KIND, PRETRAINING, {"width": 4}, {"masks": {"masks": MASKS}}),
    "inpaint, critic": _two(
        inpaint.KIND, ADVERSARIAL, {**LIGHT, "critic": "sn-patch"}, {"masks": {"masks": MASKS}}, pool=2
    ),
    "inpaint, global and local": _two(
        inpaint.KIND, ADVERSARIAL, LIGHT | {"critic": "global-local", "critic_layers": 2}, {"masks": {"masks": "boxes"}}
    ),
    "gan, dcgan": _gan("dcgan", feature_matching=1.0, real_label=0.9),
    "gan, infogan with codes": _gan("infogan", networks={"categorical": "3", "continuous": 1}),
    "gan, mlp, unrolled": _gan("mlp", unroll=1, networks={"critic_norm": "none"}),
    **{
        f"gan, mlp, {game}": _gan("mlp", game=game)
        for game in ("minimax", "maximum-likelihood", "lsgan", "ebgan", "relativistic", "r3gan")
    },
    "gan, mlp, wgan": _gan("mlp", game="wgan", critic_steps=1),
    "gan, sngan with classes": _gan("sngan", classes=("x", "y"), networks={"condition": "projection"}, game="hinge"),
    "gan, sagan": _gan("sagan", game="dragan", networks={"critic_norm": "none"}),
    "gan, stylegan": _gan("stylegan", game="r1", path_length=1.0, critic_augment="diffaugment"),
    "gan, progressive": _gan("progressive", game="wgan-gp", critic_steps=1),
    "gan, lapgan": _gan("lapgan"),
    "vae": Case(vae.KIND, CODED),
    "vae-gan": Case(vae_gan.KIND, CODED | {"critic_width": 2}),
    "bigan": Case(bigan.KIND, CODED | {"critic_width": 2}),
}  # fmt: skip
UNSTEADY = {
    "srgan, photographed twice": _two(
        srgan.KIND, PRETRAINING, LIGHT, {"degradation": PHOTO_ONCE | {"photo_twice": 1.0}}
    ),
}
"""What meets sizes of its own at each step: only that no devices mix is asked of it."""


def checkpoint_goes_on(folder: Path) -> None:
    """A checkpoint of the accelerator is read back into another trainer, which holds the same."""
    case, path = CASES["cyclegan, adaptive"], folder / "checkpoint.safetensors"
    with Accelerator():
        first, second = case.trainer(), case.trainer()
        first.take_step(first.batches(case))
        state = first.state_dict()
        assert state is not None
        save_checkpoint(path, state)
        second.load_state_dict(load_checkpoint(path))
        for trainer in (first, second):
            trainer.take_step(trainer.batches(case))
        for one, other in zip(first.generators.weights, second.generators.weights, strict=True):
            assert torch.equal(one.cpu(), other.cpu())


def models_are_applied(folder: Path) -> None:
    """The commands that apply a model, on the accelerator: tiles, transparency, holes, noise. Their results are as on
    the CPU, but for a level of rounding."""
    upscaler, inpainter = write_weights(folder / "up.safetensors"), write_inpainter(folder / "fill.safetensors")
    sampler, photo = write_generator(folder / "draw.safetensors", classes=("x", "y")), folder / "photo.png"
    Image.fromarray(draw(0, 60, 50, 4)).save(photo)
    hole = np.zeros((60, 50), np.uint8)
    hole[20:35, 10:30] = 255
    Image.fromarray(hole).save(folder / "hole.png")
    calls = {
        "up": ["upscale", photo, "--model", upscaler, "--tile", 32],
        "filled": ["inpaint", photo, "--mask", folder / "hole.png", "--model", inpainter],
        "drawn": ["sample", "--model", sampler, "-n", 4],
    }
    for name, call in calls.items():
        there, here = folder / f"{name}.there.png", folder / f"{name}.here.png"
        succeeded(img2img(*call, "--device", "cpu", "-o", here))
        with Accelerator(), mock.patch.object(machine, "choose_device", lambda *_: DEVICE):
            succeeded(img2img(*call, "-o", there))
        difference = np.asarray(Image.open(there)).astype(int) - np.asarray(Image.open(here))
        assert np.abs(difference).max() <= 1, name


def let_kornia_not_wait() -> None:
    """kornia copies without waiting to devices that are called cuda, and to no others."""
    assert utils._to_device_nonblocking is adjust._to_device_nonblocking

    def moved(tensor: Tensor, device: torch.device, dtype: torch.dtype | None = None) -> Tensor:
        return tensor.to(dtype).to(device, non_blocking=True)

    utils._to_device_nonblocking = adjust._to_device_nonblocking = moved


def main(file: Path) -> None:
    """All of it, with times on stderr."""
    torch.set_num_threads(1)
    register()
    let_kornia_not_wait()
    found = {}
    for name, case in {**CASES, **UNSTEADY}.items():
        started = time.process_time()
        found[name] = case.waits()
        print(f"{time.process_time() - started:5.1f} s  {name}: {found[name]}", file=sys.stderr, flush=True)
    checkpoint_goes_on(file.parent)
    models_are_applied(file.parent)
    file.write_text(json.dumps({name: found[name] for name in CASES}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
