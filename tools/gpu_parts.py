"""What first_gpu_minutes.py measures in a process of its own: placement, a step's trace, exactness without TF32.

Each part is a function (device, tiny) -> rows for the table: {"what": ..., "result": ..., and its numbers}.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import torch
from bench_train import Timed, row_of
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from img2img.adversarial.penalties import slope_penalty
from img2img.apply.models import open_upscaler
from img2img.config.sections.two_phases import ADVERSARIAL, PRETRAINING
from img2img.config.toml import resolve
from img2img.data.augment import Augment
from img2img.data.sides import Sides
from img2img.fastest import Precision
from img2img.networks import initialise
from img2img.recipes import bigan, cyclegan, gan, inpaint, pix2pix, srgan, vae, vae_gan
from img2img.recipes.kind import Kind
from img2img.training.launch import initialise_all
from img2img.training.step.trainer import Trainer

Row = dict[str, Any]
Options = dict[str, dict[str, Any]]
PIXELS: Options = {"objective": {"perceptual": 0.0}}
SMALL: Options = {"networks": {"width": 8, "critic_width": 8}}
RECIPES: dict[str, tuple[Kind, Options, str]] = {
    "cyclegan": (cyclegan.KIND, {}, ""),
    "pix2pix": (pix2pix.KIND, {}, ""),
    "srgan, pixels": (srgan.KIND, PIXELS, PRETRAINING),
    "srgan, critic": (srgan.KIND, PIXELS, ADVERSARIAL),
    "inpaint, pixels": (inpaint.KIND, PIXELS, PRETRAINING),
    "inpaint, critic": (inpaint.KIND, PIXELS, ADVERSARIAL),
    "gan": (gan.KIND, {"objective": {"game": "r1"}}, ""),
    "gan, stylegan": (gan.KIND, {"networks": {"network": "stylegan"}, "objective": {"path_length": 1.0}}, ""),
    "gan, wgan-gp": (gan.KIND, {"objective": {"game": "wgan-gp"}, "networks": {"critic_norm": "none"}}, ""),
    "vae": (vae.KIND, {}, ""),
    "vae-gan": (vae_gan.KIND, {}, ""),
    "bigan": (bigan.KIND, {}, ""),
}
"""Recipe, options, and the phase that is stepped, of a run that has two."""
TRACED = ("cyclegan", "srgan, critic", "inpaint, pixels")


class Bytes:
    """Random pictures as a loader gives them."""

    def __init__(self, sides: Sides, size: int) -> None:
        self.sides, self.size = sides, size

    def batches(
        self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1
    ) -> Iterator[dict[str, Tensor]]:
        """The same batch again and again."""
        shape = (batch_size, 3, self.size, self.size)
        batch = {side: torch.randint(256, shape, dtype=torch.uint8) for side in self.sides.channels}
        while True:
            yield batch


def stepping(
    name: str,
    device: torch.device,
    precision: Precision,
    size: int,
    small: bool,
    channels_last: bool | None = None,
    batch: int = 1,
) -> Callable[[], dict[str, Tensor]]:
    """What takes one step of a recipe of RECIPES, its augmentation and damage included; small: with narrow networks."""
    kind, options, phase = RECIPES[name]
    optimisation = {"batch_size": batch, **({"pretrain_steps": 1000} if phase else {})}
    given: Options = {"data": {"size": size}, "optimisation": optimisation, "run": {"channels_last": channels_last}}
    config: Any = resolve(kind.config, SMALL if small else {}, given, options)
    names = ("a", "b") if kind.recipe.task == "translate" else ("high",)
    names = ("real",) if kind.recipe.task == "sample" else names
    sides = Sides(dict.fromkeys(names, 3), {side: side for side in names})
    torch.manual_seed(0)
    recipe = kind.recipe(config, sides)
    initialise_all(recipe, None)
    augment = nn.Sequential(Augment(config.data, paired=kind is not cyclegan.KIND), kind.derive(config))
    trainer = Trainer(recipe, augment, config.optimisation, config.run, device=device, precision=precision, total=2000)
    trainer.step = 1000 if phase == ADVERSARIAL else 0
    batches = trainer.batches(Bytes(sides, config.data.loaded_side))

    def step() -> dict[str, Tensor]:
        terms, _ = trainer.take_step(batches)
        return terms

    return step


def placement(device: torch.device, tiny: bool) -> list[Row]:
    """Three steps of every recipe in every precision: finite losses, and no two devices in one operation."""
    precisions: list[Precision] = ["fp32", "bf16", *(["fp16"] if device.type == "cuda" else [])]  # type: ignore[list-item]
    rows = []
    for name in list(RECIPES)[:: 5 if tiny else 1]:
        failed = []
        for precision in precisions:
            try:
                step = stepping(name, device, precision, 64, small=True, batch=2)  # batch norm wants two
                terms = [step() for _ in range(1 if tiny else 3)][-1]
                if lost := [term for term, value in terms.items() if not value.isfinite()]:
                    failed.append(f"{precision}: {', '.join(lost)} not finite")
            except Exception as error:
                failed.append(f"{precision}: {type(error).__name__}: {str(error).splitlines()[0][:120]}")
        rows.append(
            {"what": name, "result": "; ".join(failed) or f"steps in {', '.join(precisions)}", "ok": not failed}
        )
    return rows


def layouts(device: torch.device, tiny: bool) -> list[Row]:
    """Steps of upscalers and inpainters in both precisions and memory layouts, in turns."""
    rows = []
    on_gpu = device.type == "cuda"
    size, batch, rounds = (32, 1, 1) if tiny else (96, 16, 3) if on_gpu else (64, 1, 3)
    for name in ("srgan, pixels", "srgan, critic", "inpaint, pixels", "inpaint, critic")[: 1 if tiny else None]:
        timed = []
        ways: list[tuple[Precision, bool]] = [("fp32", True), ("fp32", False), ("bf16", True), ("bf16", False)]
        for precision, last in ways:
            take = stepping(name, device, precision, size, tiny, last, batch)
            take()
            timed.append(Timed("NHWC" if last else "NCHW", precision, take, device))
        for _ in range(rounds):
            for one in timed:
                one.measure(1.0 if on_gpu else 0.0)
        for one in timed:
            row = row_of(one, timed[0])
            ratios = f"{row['ratio_lowest']:.2f} to {row['ratio_highest']:.2f}"
            result = f"{1e3 * row['seconds']:.3g} ms a step, {row['ratio']:.2f} times fp32 in NHWC ({ratios})"
            what = f"{name}, {size} px, batch {batch}: {one.precision}, {one.name}"
            rows.append({"what": what, "result": result, **row})
    return rows


def trace(device: torch.device, tiny: bool) -> list[Row]:
    """One steady step of three recipes in bf16, batch 1: its time, launches, waits of the host, longest kernels."""
    rows = []
    for name in TRACED[: 1 if tiny else None]:
        size = 32 if tiny else 96 if name.startswith("srgan") else 256
        step = stepping(name, device, "bf16", size, small=tiny)
        for _ in range(1 if tiny else 5):
            step()
        _wait(device)
        started, count = time.perf_counter(), 1 if tiny else 5
        for _ in range(count):
            step()
        _wait(device)
        seconds = (time.perf_counter() - started) / count
        activities = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if device.type == "cuda" else [])
        with profile(activities=activities) as recorded:
            step()
            _wait(device)
        rows.append({"what": f"{name}, {size} px", **summary(recorded, seconds, device)})
    return rows


def summary(recorded: profile, seconds: float, device: torch.device) -> Row:
    """What a trace says: launches and waits are counted by the names of CUDA's calls, 0 on a CPU."""
    events = recorded.key_averages()
    calls: Counter[str] = Counter()
    for event in events:
        calls["launches"] += event.count * ("LaunchKernel" in event.key or "GraphLaunch" in event.key)
        calls["waits"] += event.count * (event.key in ("cudaStreamSynchronize", "cudaEventSynchronize", "cudaMemcpy"))
    on_device = [event for event in events if device.type != "cuda" or event.device_type.name == "CUDA"]
    kernels = [event for event in on_device if not event.is_user_annotation]  # as of an optimiser's whole step
    spent = {event.key: event.self_device_time_total if device.type == "cuda" else event.self_cpu_time_total
             for event in kernels}  # fmt: skip
    longest = sorted(spent, key=lambda key: spent[key], reverse=True)[:8]
    busy = sum(spent.values()) / 1e6
    top = "; ".join(f"{key[:60]} {spent[key] / 1e3:.2f} ms" for key in longest[:3])
    return {
        "result": f"{1e3 * seconds:.1f} ms a step, {1e3 * busy:.1f} ms in kernels, {calls['launches']} launches, "
        f"{calls['waits']} waits; {top}",
        "milliseconds": round(1e3 * seconds, 2),
        "kernel_milliseconds": round(1e3 * busy, 2),
        **calls,
        "longest": {key: round(spent[key] / 1e3, 3) for key in longest},
    }


def exactness(device: torch.device, tiny: bool) -> list[Row]:
    """A gradient penalty, and a result of 16 bits, in float32 with and without TF32, against float64 of the CPU."""
    rows = []
    torch.manual_seed(0)
    width = 8 if tiny else 64
    critic = nn.Sequential(nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(width, 1, 4, 2, 1))
    initialise(critic)
    at = torch.rand(4, 3, 64, 64) * 2 - 1
    true_penalty = _penalty64(critic.double(), at.double())
    critic.float()
    low = torch.rand(3, 32 if tiny else 128, 32 if tiny else 128) * 2 - 1
    for allowed in (False, True):
        with _tf32(allowed):
            penalty = slope_penalty(critic.to(device), at.to(device), 1.0).item()
            model = open_upscaler("light-x4", None, device=device, precision="fp32", tile="off")
            _only_tf32(allowed)  # opening a model may set it
            result = model.network(low[None].to(device)).detach().cpu().double()
        exact = model.network.cpu().double()(low[None].double()).detach()
        levels = (result - exact) * 32767.5
        rms = levels.square().mean().sqrt().item()
        off = abs(penalty / true_penalty - 1)
        rows.append({
            "what": f"TF32 {'on' if allowed else 'off'}", "penalty_error": off, "levels_rms": rms,
            "levels_most": levels.abs().max().item(),
            "result": f"penalty off by {off:.1e} of itself; 16-bit result of light-x4 off by {rms:.3g} levels rms, "
            f"{levels.abs().max():.3g} at most",
            "ok": allowed or (off < 1e-4 and math.isfinite(rms) and rms < 1.0),
        })  # fmt: skip
    return rows


def _penalty64(critic: nn.Module, at: Tensor) -> float:
    at = at.requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(at).flatten(1).mean(1).sum(), at)
    return float(((gradient.flatten(1).norm(dim=1) - 1) ** 2).mean())


class _tf32:
    """Both switches for a while."""

    def __init__(self, allowed: bool) -> None:
        self.allowed = allowed
        self.before = (torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32)

    def __enter__(self) -> None:
        _only_tf32(self.allowed)

    def __exit__(self, *error: object) -> None:
        torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = self.before


def _only_tf32(allowed: bool) -> None:
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = allowed


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


PARTS: dict[str, Callable[[torch.device, bool], list[Row]]] = {
    "placement": placement,
    "trace": trace,
    "layouts": layouts,
    "exactness": exactness,
}
