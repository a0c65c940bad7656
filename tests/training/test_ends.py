"""Whatever ends a run: what was whole is saved and said, and what was not is never saved."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from support.running import QUIET, TINY, img2img, succeeded, train

from img2img.training import session
from img2img.training.folder.checkpoint import CHECKSUM, OUTLINE, CheckpointError, load_checkpoint, save_checkpoint
from img2img.training.folder.logs import RunLog
from img2img.training.report import samples
from img2img.training.session import Session
from img2img.training.step.trainer import Trainer
from img2img.weights.files import read_card

STATE = "checkpoint.safetensors"


def step_of(out: Path) -> int:
    return int(load_checkpoint(out / STATE)["step"])


def at_step(monkeypatch: pytest.MonkeyPatch, out: Path, step: int, happens: object) -> None:
    """Does something when a step of the run itself is done, not one of the trial before it."""
    take_step = Trainer.take_step

    def taken(self, batches, stop=False):
        done = take_step(self, batches, stop)
        if self.step == step and (out / "samples").exists():
            happens(self)
        return done

    monkeypatch.setattr(Trainer, "take_step", taken)


def test_a_folder_of_pictures_that_goes_away_is_no_loss(pairs, tmp_path, monkeypatch):
    data, out = tmp_path / "data", tmp_path / "run"
    shutil.copytree(pairs, data)
    at_step(monkeypatch, out, 3, lambda _: shutil.rmtree(data))
    result = train("pix2pix", "--pairs", data, "--steps", 40, "--cache", "off", out=out)
    assert result.exit_code == 1 and "Traceback" not in result.output
    step = step_of(out)
    assert 3 <= step < 40 and f"step {step} is saved; `--out {out} --resume` goes on" in " ".join(result.output.split())


def test_one_picture_that_is_damaged_is_named_once_and_the_run_goes_on(pairs, tmp_path, monkeypatch):
    data, out = tmp_path / "data", tmp_path / "run"
    shutil.copytree(pairs, data)
    at_step(monkeypatch, out, 2, lambda _: (data / "3.png").write_bytes(b"damaged"))
    result = succeeded(train("pix2pix", "--pairs", data, "--steps", 20, "--cache", "off", out=out))
    assert result.output.count("3.png") == 1 and "(1 of 6 so far)" in result.output
    assert step_of(out) == 20


def test_a_worker_that_is_killed_is_no_loss(pairs, tmp_path, monkeypatch):
    import multiprocessing

    out = tmp_path / "run"

    def kill(_: Trainer) -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid or 0, signal.SIGKILL)

    at_step(monkeypatch, out, 3, kill)
    options = ["--pairs", pairs, "--cache", "off", "--workers", 2, "--steps", 500]
    options = [*TINY, *QUIET, *options]
    options.remove("--workers"), options.remove(0)
    result = img2img("train", "pix2pix", *options, "--out", out)
    assert result.exit_code == 1 and "SIGKILL" in result.output and "is saved" in result.output
    assert step_of(out) >= 3


@pytest.mark.parametrize("where", ["log", "sheet"])
def test_a_file_that_cannot_be_written_is_no_loss(where, pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    breaks = {"log": (RunLog, "write"), "sheet": (samples, "save_sheet")}[where]
    at_step(monkeypatch, out, 3, lambda _: monkeypatch.setattr(*breaks, full))
    options = ["--pairs", pairs, "--steps", 20, "--sample-every", 4, "--log-every", 4]
    result = img2img("train", "pix2pix", *TINY, *QUIET, *options, "--out", out)
    assert result.exit_code == 1 and "No space left" in result.output and "step 4 is saved" in result.output
    assert step_of(out) == 4


def test_a_mistake_of_ours_shows_its_trace_and_is_no_loss(pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"
    monkeypatch.setattr(Session, "_log", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train("pix2pix", "--pairs", pairs, "--steps", 20, out=out)
    assert step_of(out) == 2


def test_what_breaks_within_a_step_is_never_saved(pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"
    at_step(monkeypatch, out, 3, lambda made: setattr(made.recipe, "generator_terms", lambda *_: 1 / 0))
    with pytest.raises(ZeroDivisionError):
        train("pix2pix", "--pairs", pairs, "--steps", 20, out=out)
    assert not (out / STATE).exists()


def test_a_damaged_sheet_costs_the_page_alone(pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"
    at_step(monkeypatch, out, 3, lambda _: (out / "samples" / "00000000.png").write_bytes(b"damaged"))
    result = succeeded(train("pix2pix", "--pairs", pairs, "--steps", 4, out=out))
    assert "no page at step 4" in result.output and step_of(out) == 4


def test_a_sheet_that_is_a_pipe_costs_the_page_alone(pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"
    at_step(monkeypatch, out, 3, lambda _: os.mkfifo(out / "samples" / "00000001.png"))
    result = succeeded(train("pix2pix", "--pairs", pairs, "--steps", 4, out=out))
    assert "no page at step 4" in result.output and "is a pipe" in result.output and step_of(out) == 4


def test_a_link_in_place_of_the_sheets_is_not_followed(pairs, tmp_path, monkeypatch):
    out, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    elsewhere.mkdir()

    def swap(_: Trainer) -> None:
        shutil.rmtree(out / "samples")
        (out / "samples").symlink_to(elsewhere)

    at_step(monkeypatch, out, 3, swap)
    result = train("pix2pix", "--pairs", pairs, "--steps", 4, out=out)
    assert result.exit_code == 1 and "samples: is a link" in result.output and "step 4 is saved" in result.output
    assert not list(elsewhere.iterdir())


def test_weights_that_did_not_fit_on_the_disk_are_written_by_a_resume(pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(session, "save", full)
        result = train("pix2pix", "--pairs", pairs, "--steps", 2, out=out)
        assert result.exit_code == 1 and "step 2 is saved" in result.output
    assert not (out / "weights.safetensors").exists()
    result = succeeded(train("pix2pix", "--resume", out=out))
    assert "already finished" not in result.output
    assert read_card(out / "weights.safetensors").steps == 2
    assert "already finished" in succeeded(train("pix2pix", "--resume", out=out)).output


@pytest.mark.parametrize("content", [None, b"damaged"])
def test_lost_weights_do_not_keep_a_run_from_going_on(content, pairs, tmp_path):
    """The checkpoint is whole, and the run that this one began with is gone."""
    first, out = tmp_path / "first", tmp_path / "run"
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 1, out=first))
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 1, "--start-from", first, out=out))
    shutil.rmtree(first)
    (out / "weights.safetensors").unlink()
    if content:
        (out / "weights.safetensors").write_bytes(content)
    succeeded(train("pix2pix", "--resume", "--steps", 2, out=out))
    assert read_card(out / "weights.safetensors").steps == 2


@pytest.mark.skipif(sys.platform != "linux", reason="file names there are Unicode")
def test_a_folder_whose_name_is_no_utf8_can_be_resumed_and_applied(pairs, tmp_path):
    out = tmp_path / "caf\udce9"
    run = [sys.executable, "-m", "img2img"]
    for steps in (1, 2):
        given = ["--resume"] if steps > 1 else ["--pairs", pairs]
        command = [*run, "train", "pix2pix", *TINY, *QUIET, "--steps", steps, "--out", out, *given]
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
    assert step_of(out) == 2
    apply = [*run, "translate", next(Path(pairs).glob("*.png")), "--model", out, "-o", tmp_path / "made.png"]
    subprocess.run([str(part) for part in apply], check=True, capture_output=True)
    assert (tmp_path / "made.png").exists()


def poisoned(made: Trainer) -> None:
    """From now on every generator loss is not finite, though the critics go on."""
    terms = made.recipe.generator_terms
    made.recipe.generator_terms = lambda *given: {key: value * float("nan") for key, value in terms(*given).items()}


@pytest.mark.parametrize("saved", [True, False])
def test_nothing_is_saved_while_steps_are_skipped(saved, pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"
    at_step(monkeypatch, out, 3, poisoned)
    options = ["--pairs", pairs, "--steps", 100, "--save-every", 3 if saved else 1000]
    result = img2img("train", "pix2pix", *TINY, *QUIET, *options, "--out", out)
    assert result.exit_code == 1 and "not finite for 20 steps in a row" in result.output
    if saved:
        assert step_of(out) == 3 and "step 3 is saved" in result.output
        assert all(torch.isfinite(tensor).all() for tensor in load_file(out / "weights.safetensors").values())
    else:
        assert not (out / STATE).exists() and "nothing of the run had been saved" in result.output


def test_a_run_that_ends_while_steps_are_skipped_is_not_saved(pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"
    at_step(monkeypatch, out, 3, poisoned)
    options = ["--pairs", pairs, "--steps", 6, "--save-every", 2]
    result = img2img("train", "pix2pix", *TINY, *QUIET, *options, "--out", out)
    assert result.exit_code == 1
    assert "ended at step 6 while the loss was not finite" in result.output
    assert step_of(out) == 2


def test_a_save_that_was_due_at_a_skipped_step_comes_after_the_next_good_one(pairs, tmp_path, monkeypatch):
    out, saved = tmp_path / "run", []
    at_step(monkeypatch, out, 2, poisoned)
    at_step(monkeypatch, out, 3, lambda made: delattr(made.recipe, "generator_terms"))
    monkeypatch.setattr(session, "save_checkpoint", lambda _, state: saved.append(state["step"]))
    options = ["--pairs", pairs, "--steps", 6, "--save-every", 3]
    succeeded(img2img("train", "pix2pix", *TINY, *QUIET, *options, "--out", out))
    assert saved == [4, 6]


def test_a_sheet_whose_save_was_killed_is_drawn_again(pairs, tmp_path, monkeypatch):
    """A kill between the two leaves the sheet without its save, never a save without its sheet."""
    out, happened = tmp_path / "run", []
    monkeypatch.setattr(samples, "save_sheet", lambda *_: happened.append("sheet"))
    monkeypatch.setattr(session, "save_checkpoint", lambda *_: happened.append("save"))
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 2, "--sample-every", 1, "--save-every", 1, out=out))
    assert happened == ["sheet", "sheet", "save", "sheet", "save"]


def test_what_killed_saves_left_is_swept(pairs, tmp_path):
    out = tmp_path / "run"
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 1, out=out))
    (dead := out / ".img2img-00000000-1-00000000.tmp").write_bytes(b"x")
    os.utime(dead, (1, 1))
    succeeded(train("pix2pix", "--resume", "--steps", 2, out=out))
    assert not dead.exists()


@pytest.mark.parametrize("name", ["samples", "events"])
def test_links_in_a_runs_folder_are_not_followed(name, pairs, tmp_path):
    out, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / name).symlink_to(elsewhere)
    result = train("pix2pix", "--pairs", pairs, "--steps", 1, out=out)
    assert result.exit_code == 2 and f"{name}: is a link" in result.output and not list(elsewhere.iterdir())


def test_a_flipped_bit_is_found(tmp_path):
    path = tmp_path / "c.safetensors"
    state = {"step": 3, "a": torch.arange(1000.0), "b": torch.ones(3, dtype=torch.bfloat16), "c": torch.tensor(7)}
    save_checkpoint(path, state)
    assert load_checkpoint(path)["step"] == 3
    content = bytearray(path.read_bytes())
    for place in (len(content) - 1, len(content) - 2000, content.index(b"step") - 1, content.index(b"pairs") + 30):
        damaged = content.copy()
        damaged[place] ^= 4
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError, match=r"c\.safetensors"):
            load_checkpoint(path)


def test_a_checkpoint_of_before_there_were_checksums_is_read(tmp_path):
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, {"step": 3, "a": torch.arange(4.0)})
    with safe_open(path, "pt") as file:
        metadata, tensors = file.metadata(), {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    assert len(metadata.pop(CHECKSUM)) == 64
    save_file(tensors, path, metadata)
    assert load_checkpoint(path)["step"] == 3


@pytest.mark.parametrize(
    "outline",
    ["[]", "null", "7", "{", "[" * 100_000,
     '{"format": 1}', '{"format": 1, "state": []}', '{"format": [], "state": {}}',
     '{"format": 1, "state": {"tensor": "9"}}', '{"format": 1, "state": {"tensor": []}}',
     '{"format": 1, "state": {"pairs": 3}}', '{"format": 1, "state": {"pairs": [[1]]}}',
     '{"format": 1, "state": {"pairs": [[[], 1]]}}', '{"format": 1, "state": {"other": 1}}',
     '{"format": 1, "state": ' + '{"pairs": [["a", ' * 200 + "1" + "]]}" * 200 + "}", "\0"],
)  # fmt: skip
def test_an_outline_that_is_none_is_refused_in_a_line(outline, tmp_path):
    path = tmp_path / "c.safetensors"
    save_file({"0": torch.zeros(1)}, path, {OUTLINE: outline})
    with pytest.raises(CheckpointError, match=r"c\.safetensors") as refusal:
        load_checkpoint(path)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 600


def test_a_state_of_other_types_is_refused_in_a_line(pairs, tmp_path):
    out = tmp_path / "run"
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 1, out=out))
    whole = load_checkpoint(out / STATE)
    changes = [{"step": "x"}, {"step": -1}, {"step": 10**30}, {"players": {}}, {"pools": None}, {"config": []},
               {"generators": {"x": 1}}, {"average": {"a": None}},
               {"players": {"generators": {}, "critics": {"optimiser": []}}}]  # fmt: skip
    for change in changes:
        save_checkpoint(out / STATE, whole | change)
        result = train("pix2pix", "--resume", "--steps", 2, out=out)
        assert result.exit_code == 2 and STATE in result.output, (change, result.output)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--epochs", "inf"), ("--epochs", "nan"), ("--epochs", "1e300"), ("--lr", "inf"), ("--lr", "nan"),
     ("--steps", 10**30),
     ("--width", 10**9), ("--critic-width", 10**9), ("--batch-size", 10**12), ("--ema", "nan"), ("--size", 10**12)],
)  # fmt: skip
def test_wild_numbers_are_refused_at_the_door(option, value, tmp_path):
    result = img2img("train", "pix2pix", "--pairs", tmp_path / "nowhere", option, value)
    assert result.exit_code == 2 and option in result.output and "nowhere" not in result.output


def test_a_quiet_run_says_what_went_wrong_alone(pairs, tmp_path, monkeypatch):
    data, out = tmp_path / "data", tmp_path / "run"
    shutil.copytree(pairs, data)
    at_step(monkeypatch, out, 2, lambda _: (data / "3.png").write_bytes(b"damaged"))
    options = ["--pairs", data, "--steps", 20, "--cache", "off", "--quiet"]
    result = succeeded(train("pix2pix", *options, out=out))
    assert result.stderr.count("\n") == 1 and "3.png" in result.stderr
    assert result.stdout.strip() == str(out / "weights.safetensors")
    longer = succeeded(train("pix2pix", "--resume", "--pairs", pairs, "--steps", 22, out=out))
    assert "resuming" in longer.stderr, "quiet was for the first call alone"


@pytest.mark.parametrize(("slope", "dies"), [([], False), (["--slope", 0], True)], ids=["default", "ReLU"])
def test_a_network_that_learns_nothing_any_more_is_said_to(slope, dies, pairs, tmp_path, monkeypatch):
    """ReLUs that are below zero everywhere let no gradient through; the default's slope does."""
    monkeypatch.setattr(session, "IDLE_STEPS", 4)
    shape = ["--generator", "light", "--blocks", 1, "--pretrain-steps", 20, "--size", 16, "--perceptual", 0, *slope]

    def die(trainer: Trainer) -> None:
        with torch.no_grad():
            trainer.recipe.generators["inpaint"].same[1][0].bias.fill_(-10)

    at_step(monkeypatch, tmp_path / "run", 3, die)
    result = train("inpaint", "--images", pairs, "--steps", 12, *shape, out=tmp_path / "run")
    told = " ".join(succeeded(result).output.split())
    assert ("no gradient has reached half of the generators' weights for 4 steps" in told) == dies
