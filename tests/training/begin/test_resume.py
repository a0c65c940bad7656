"""Train 2N steps = train N, stop, --resume, N more: bit for bit on the CPU, whatever state the recipe carries."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support.running import QUIET, TINY, succeeded, train
from support.upscalers import write_weights

from img2img.networks.vgg19 import WEIGHTS_VARIABLE
from img2img.training.folder.checkpoint import CheckpointError, load_checkpoint, save_checkpoint

N = 6

STATEFUL = {
    "pix2pix with wgan-gp": ["pix2pix", "--game", "wgan-gp", "--critic-steps", 2, "--critic-norm", "none"],
    "pix2pix, accumulated, minibatch statistics": ["pix2pix", "--accumulate", 2, "--minibatch", "std"],
    "pix2pix with an energy critic": ["pix2pix", "--game", "began"],
    "pix2pix, conditional pool, lazy penalty": ["pix2pix", "--game", "r1", "--pool", 3, "--critic-norm", "spectral"],
    "pix2pix, three critics, features, stopped as the enhancer learns alone": [
        *["pix2pix", "--generator", "enhancer", "--downsamplings", 1, "--blocks", 1, "--norm", "instance"],
        *["--coarse-to-fine", "coarse:5,local:3,both:4", "--critics", 2, "--feature-matching", 1, "--pool", 2],
    ],
    "cyclegan with pool, average, adaptive augmentation": [
        *["cyclegan", "--pool", 4, "--ema", 0.9, "--critic-augment", "adaptive", "--batch-size", 2, "--blocks", 1],
        *["--rotate", 10, "--colour", 0.2, "--instance-noise", 0.1],
    ],
    "cyclegan, batch norm, relativistic, cosine": [
        *["cyclegan", "--norm", "batch", "--game", "relativistic-average", "--schedule", "cosine", "--blocks", 1],
        *["--batch-size", 2],
    ],
    "bicyclegan, a pool for each critic": [
        *["bicyclegan", "--encoder-width", 4, "--pool", 3, "--batch-size", 2, "--ema", 0.9],
    ],
    "pix2pix by sgd against rmsprop, restarting": [
        *["pix2pix", "--optimiser", "sgd", "--critic-optimiser", "rmsprop", "--lr", 0.01, "--critic-lr", 1e-4],
        *["--schedule", "restarts", "--restarts", 2, "--momentum", 0.5],
    ],
    "pix2pix, the rate by a loss": [
        *["pix2pix", "--schedule", "plateau", "--plateau-of", "generator/fool", "--plateau-every", 4],
        *["--patience", 1, "--plateau-factor", 0.1],
    ],
    "unit, accumulated": ["unit", "--blocks", 1, "--critics", 2, "--accumulate", 2],
    "unit, with decay, the rate halved twice": [
        *["unit", "--blocks", 1, "--critics", 1, "--weight-decay", 0.01],
        *["--schedule", "step", "--step-every", N - 2, "--step-factor", 0.5],
    ],
    "munit with cycles": [
        *["munit", "--blocks", 1, "--critics", 2, "--dense", 8, "--encoder-width", 4, "--cycle", 1, "--ema", 0.9],
    ],
    "stargan, several critic steps": [
        *["stargan", "--critic-steps", 2, "--batch-size", 3, "--blocks", 1],
    ],
    "cut, mirrored, accumulated": [
        *["cut", "--flip-equivariance", "--blocks", 1, "--accumulate", 2, "--nce-patches", 16, "--ema", 0.9],
    ],
    "cut, batch norm, pool, blurs": [
        *["cut", "--norm", "batch", "--antialias", "--critic-antialias", "--blocks", 1, "--batch-size", 2],
        *["--pool", 3, "--initial-gain", 0.02],
    ],
    "srgan, stopped before the critics join": [
        *["srgan", "--generator", "light", "--blocks", 1, "--critic", "patch", "--pretrain-steps", N + 2],
        *["--batch-size", 3, "--perceptual-layers", "relu1_1", "--pool", 2, "--pretrain-schedule", "cosine"],
    ],
    "srgan with a teacher, half of the pictures compared": [
        *["srgan", "--generator", "light", "--blocks", 1, "--critic", "patch", "--pretrain-steps", 0],
        *["--batch-size", 4, "--perceptual-layers", "relu1_1", "--perceptual-share", 0.5],
        *["--teacher", "TEACHER", "--teacher-size", 16, "--teacher-pictures", 3, "--teacher-folder", "KEPT"],
    ],
    "srgan, stopped as the critics join, batch norm": [
        *["srgan", "--blocks", 1, "--norm", "batch", "--critic", "unet", "--game", "relativistic-average"],
        *["--batch-size", 2, "--perceptual", 0, "--degrade", "bicubic", "--scale", 2],
    ],
    "srgan without a critic": [
        *["srgan", "--preset", "psnr", "--generator", "rrdb", "--blocks", 1, "--batch-size", 2],
    ],
    "inpaint, stopped before the critics join, growing holes, style": [
        *["inpaint", "--generator", "light", "--blocks", 1, "--critic", "patch", "--pretrain-steps", N + 2],
        *["--masks", "strokes,blobs,folder", "--grow", 0.9, "--pool", 2, "--batch-size", 3],
        *["--perceptual-layers", "relu1_1", "--style", 1, "--style-layers", "relu1_2"],
    ],
    "inpaint, two stages, stopped as the critics join": [
        *["inpaint", "--masks", "boxes+strokes:2,borders+folder,centre", "--batch-size", 2, "--perceptual", 0],
        *["--accumulate", 2],
    ],
    "inpaint by the context encoder, a batch norm on each side": [
        *["inpaint", "--generator", "context-encoder", "--critic", "context", "--pretrain-steps", 0],
        *["--overlap", 2, "--known-pixels", 0, "--perceptual", 0, "--batch-size", 2],
    ],
}


@pytest.mark.parametrize("case", STATEFUL)
def test_resume_is_exact(case, pairs, domains, mask_folder, vgg19, tmp_path, monkeypatch):
    monkeypatch.setenv(WEIGHTS_VARIABLE, str(vgg19))
    recipe, *options = STATEFUL[case]
    places = {"TEACHER": write_weights(tmp_path / "teacher.safetensors", scale=4), "KEPT": tmp_path / "kept"}
    options = [places.get(str(option), option) for option in options]
    data = {
        "pix2pix": ["--pairs", pairs],
        "cyclegan": ["--a", domains[0], "--b", domains[1]],
        "bicyclegan": ["--pairs", pairs],
        "unit": ["--a", domains[0], "--b", domains[1]],
        "munit": ["--a", domains[0], "--b", domains[1]],
        "stargan": ["--images", domains[0].parent],
        "cut": ["--a", domains[0], "--b", domains[1]],
        "srgan": ["--images", domains[0]],
        "inpaint": ["--images", domains[0], "--mask-folder", mask_folder],
    }[recipe]
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    succeeded(train(recipe, *data, *options, "--steps", 2 * N, out=whole))
    # A run that is stopped early has the same length as a goal: the schedules refer to it.
    stop_after(N, recipe, *data, *options, "--steps", 2 * N, out=halves)
    assert load_checkpoint(halves / "checkpoint.safetensors")["step"] == N
    succeeded(train(recipe, "--resume", out=halves))
    assert_same_files(whole, halves)


def stop_after(steps: int, recipe: str, *options: object, out: Path) -> None:
    """Trains until a signal that arrives during the last of `steps`."""
    from img2img.training.step.trainer import Trainer

    take_step = Trainer.take_step

    def interrupted(self, batches, stop=False):
        done = take_step(self, batches, stop)
        if self.step == steps and (out / "samples").exists():  # the probe before the run takes steps, too
            signal.raise_signal(signal.SIGINT)
        return done

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "take_step", interrupted)
        result = train(recipe, *options, out=out)
    assert result.exit_code == 130, result.output
    assert f"interrupted at step {steps}" in result.output


def assert_same_files(one: Path, other: Path) -> None:
    for name in ("weights.safetensors", "checkpoint.safetensors"):
        first, second = load_file(one / name), load_file(other / name)
        assert first.keys() == second.keys()
        different = [key for key in first if not torch.equal(first[key], second[key])]
        assert not different, f"{name}: {different[:5]}"
    assert flat(load_checkpoint(one / "checkpoint.safetensors")) == flat(
        load_checkpoint(other / "checkpoint.safetensors")
    )


def flat(state: object) -> object:
    """The numbers of a checkpoint without its tensors and its paths."""
    if isinstance(state, dict):
        return {key: flat(value) for key, value in state.items() if key not in ("out", "resume")}
    if isinstance(state, list):
        return [flat(value) for value in state]
    return None if isinstance(state, torch.Tensor) else state


def test_a_finished_run_says_so(pairs, tmp_path):
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "run"))
    before = (tmp_path / "run/checkpoint.safetensors").read_bytes()
    result = succeeded(train("pix2pix", "--resume", out=tmp_path / "run"))
    assert "already finished: 2 of 2 steps" in result.output
    assert (tmp_path / "run/checkpoint.safetensors").read_bytes() == before


def test_more_steps_go_on(pairs, tmp_path):
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "run"))
    result = succeeded(train("pix2pix", "--resume", "--steps", 4, out=tmp_path / "run"))
    assert "changed since the checkpoint: --steps 2 → 4" in result.output
    assert load_checkpoint(tmp_path / "run/checkpoint.safetensors")["step"] == 4


def test_a_longer_resume_does_not_move_the_pretraining(domains, tmp_path):
    options = ["--images", domains[0], "--generator", "light", "--blocks", 1, "--perceptual", 0, "--batch-size", 2]
    first = succeeded(train("srgan", *options, "--steps", 4, out=tmp_path / "run"))
    assert "pixel pretraining, 2 steps, then adversarial, 2 steps" in first.output
    again = succeeded(train("srgan", "--resume", "--steps", 6, out=tmp_path / "run"))
    assert "pixel pretraining, 2 steps, then adversarial, 4 steps" in again.output
    config = load_checkpoint(tmp_path / "run/checkpoint.safetensors")["config"]
    assert config["optimisation"]["pretrain_steps"] == 2


def test_changes_that_cannot_be_are_refused(pairs, tmp_path):
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "run"))
    result = train(
        "pix2pix", "--resume", "--steps", 4, "--lr", 1e-4, "--size", 64, "--game", "hinge", out=tmp_path / "run"
    )
    assert result.exit_code == 2
    assert "changed since the checkpoint: --lr 0.0002 → 0.0001" in result.output
    (error,) = [line for line in result.output.splitlines() if line.startswith("error")]
    assert "--size 64 (the run has 32)" in error and "--game hinge (the run has non-saturating)" in error
    assert "--lr" not in error and "--steps" not in error


def test_a_run_is_never_overwritten(pairs, tmp_path):
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "run"))
    result = train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "run")
    assert result.exit_code == 2 and "--resume goes on with it" in result.output


def test_resume_without_a_run(tmp_path):
    result = train("pix2pix", "--resume", out=tmp_path / "nothing")
    assert result.exit_code == 2 and "no checkpoint there" in result.output


def test_another_recipes_checkpoint_is_refused(pairs, domains, tmp_path):
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "run"))
    result = train("cyclegan", "--resume", "--a", domains[0], "--b", domains[1], out=tmp_path / "run")
    assert result.exit_code == 2 and "not a checkpoint of `train cyclegan`" in result.output
    result = train("srgan", "--resume", "--images", domains[0], out=tmp_path / "run")
    assert result.exit_code == 2 and " more)" in result.output and len(result.output) < 1000


def test_state_survives_the_file(tmp_path):
    state = {"step": 3, "none": None, "list": [1.5, "x", True], "moments": {0: {"m": torch.arange(4.0)}, 1: {}}}
    save_checkpoint(tmp_path / "c.safetensors", state)
    again = load_checkpoint(tmp_path / "c.safetensors")
    assert torch.equal(again["moments"][0].pop("m"), state["moments"][0].pop("m"))
    assert again == state


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"\x80\x04\x95 a pickle"])
def test_what_is_no_checkpoint_is_named(content, tmp_path):
    (tmp_path / "c.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"c\.safetensors"):
        load_checkpoint(tmp_path / "c.safetensors")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_process_leaves_a_checkpoint_to_resume(number, pairs, tmp_path):
    out = tmp_path / "run"
    options = [*TINY, *QUIET, "--pairs", pairs, "--out", out, "--steps", 100000, "--save-every", 1]
    command = [sys.executable, "-m", "img2img", "train", "pix2pix", *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 90
    while not (out / "weights.safetensors").exists():
        assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
        time.sleep(0.05)
    time.sleep(0.3)  # with a save after each step, the signal lands in the middle of one more often than not
    process.send_signal(number)
    said = process.communicate(timeout=30)[1]
    if number == signal.SIGTERM:
        assert process.returncode == 130 and "terminated at step" in said and "saved" in said
    step = load_checkpoint(out / "checkpoint.safetensors")["step"]
    assert step >= 1
    result = succeeded(train("pix2pix", "--resume", "--steps", step + 2, out=out))
    assert f"resuming {out} at step {step}" in result.output


def test_what_belonged_to_one_call_is_not_taken_over(pairs, tmp_path):
    """A time limit is that call's own: a resume without one goes on to the end."""
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 4, "--time-limit", "0s", out=tmp_path / "run"))
    step = load_checkpoint(tmp_path / "run/checkpoint.safetensors")["step"]
    assert step == 1
    result = succeeded(train("pix2pix", "--resume", out=tmp_path / "run"))
    assert "finished at step 4 of 4" in result.output
