"""A teacher's pictures: made once, whatever interrupts it, seen in the loss, and said in the model card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from support.inpainters import write_onnx_inpainter
from support.running import succeeded, train
from support.upscalers import write_weights

from img2img.training.folder.logs import read_log
from img2img.weights.files import read_card

SRGAN = [
    "--generator",
    "light",
    "--blocks",
    1,
    "--critic",
    "patch",
    "--perceptual-layers",
    "relu1_1",
    "--batch-size",
    4,
]
SHORT = ["--pretrain-steps", 0, "--teacher-size", 16, "--teacher-pictures", 3, "--log-every", 1]


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "teacher.safetensors", scale=4)


@pytest.fixture
def options(teacher: Path, vgg19: Path, domains, tmp_path: Path) -> list[object]:
    known = ["--images", domains[0], "--vgg19", vgg19, "--teacher", teacher, "--teacher-folder", tmp_path / "kept"]
    return [*SRGAN, *SHORT, *known, "--teacher-licence", "CC0"]


def test_it_is_paid_for_and_named(options: list[object], tmp_path: Path) -> None:
    succeeded(train("srgan", *options, "--steps", 2, out=tmp_path / "run"))
    line = read_log(tmp_path / "run/log.jsonl")[-1]
    assert line["generator/taught perceptual"] > 0 and line["generator/taught pixel"] > 0
    card = read_card(tmp_path / "run/weights.safetensors")
    assert card.teachers == ("teacher.safetensors (CC0)",)
    started = ["--start-from", tmp_path / "run", "--images", options[options.index("--images") + 1], "--perceptual", 0]
    succeeded(train("srgan", *SRGAN, *started, "--steps", 1, out=tmp_path / "later"))
    assert read_card(tmp_path / "later/weights.safetensors").teachers == card.teachers, "what it learnt stays"


def test_examples_are_made_once_and_go_on_where_they_stopped(options: list[object], tmp_path: Path) -> None:
    succeeded(train("srgan", *options, "--steps", 1, out=tmp_path / "one"))
    (folder,) = (tmp_path / "kept").iterdir()
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == ["000000.npz", "000001.npz", "000002.npz"]
    before = [file.read_bytes() for file in files]
    times = [file.stat().st_mtime_ns for file in files]
    files[1].unlink()
    said = succeeded(train("srgan", *options, "--steps", 1, out=tmp_path / "two")).stderr
    assert "1 to be made" in " ".join(said.split())
    assert [file.read_bytes() for file in files] == before
    assert [file.stat().st_mtime_ns == time for file, time in zip(files, times, strict=True)] == [True, False, True]
    one, two = (load_file(tmp_path / name / "weights.safetensors") for name in ("one", "two"))
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_other_options_have_examples_of_their_own(options: list[object], tmp_path: Path) -> None:
    for number, more in enumerate(([], ["--degrade", "bicubic"], ["--seed", 1], ["--teacher-weight", 2])):
        succeeded(train("srgan", *options, *more, "--steps", 1, out=tmp_path / str(number)))
    assert len(list((tmp_path / "kept").iterdir())) == 3, "how much a teacher counts changes no example"


def test_an_example_is_what_the_teacher_makes_of_its_low_resolution(options, teacher: Path, tmp_path: Path) -> None:
    from img2img.apply.models import open_upscaler

    succeeded(train("srgan", *options, "--steps", 1, out=tmp_path / "run"))
    model = open_upscaler(str(teacher), 4, device=torch.device("cpu"))
    for file in (tmp_path / "kept").rglob("*.npz"):
        with np.load(file) as sides:
            assert set(sides.files) == {"high", "low", "taught"} and sides["low"].shape == (3, 16, 16)
            made = model.run(torch.from_numpy(sides["low"]).float() / 127.5 - 1).clamp(-1, 1)
            assert abs((made + 1) * 127.5 - torch.from_numpy(sides["taught"]).float()).max() < 0.51
            assert sides["high"].shape == sides["taught"].shape == (3, 64, 64)


def test_a_dry_run_makes_none(options: list[object], tmp_path: Path) -> None:
    said = succeeded(train("srgan", *options, "--steps", 1, "--dry-run", out=tmp_path / "run")).stderr
    assert "3 to be made" in " ".join(said.split()) and not (tmp_path / "kept").exists()


def test_an_inpainter_learns_from_an_onnx_file(vgg19: Path, domains, tmp_path: Path) -> None:
    teacher = write_onnx_inpainter(tmp_path / "grey.onnx")
    options = ["--generator", "light", "--blocks", 1, "--critic", "patch", "--perceptual-layers", "relu1_1"]
    options += ["--batch-size", 4, "--vgg19", vgg19, "--teacher-size", 32, *SHORT[:2], *SHORT[4:]]
    options += ["--images", domains[0], "--teacher", teacher, "--teacher-folder", tmp_path / "kept", "--steps", 2]
    succeeded(train("inpaint", *options, out=tmp_path / "run"))
    assert read_log(tmp_path / "run/log.jsonl")[-1]["generator/taught perceptual"] > 0
    for file in (tmp_path / "kept").rglob("*.npz"):
        with np.load(file) as sides:
            hole = np.broadcast_to(sides["mask"] == 1, sides["high"].shape)
            assert set(np.unique(sides["mask"])) == {0, 1}
            assert (sides["taught"][hole] == 77).all(), "what this teacher puts into every hole"
            assert (sides["taught"][~hole] == sides["high"][~hole]).all()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--teacher": "gone.pth"}, "gone.pth: no such file"),
        ({"--teacher-size": "4"}, "--teacher-size"),
        ({"--teacher-share": "0.05"}, "--teacher-share 0.05: of --batch-size 4 that is 0"),
        ({"--size": "96"}, "--teacher-size 16: squares of 64 px are smaller than --size 96"),
    ],
)
def test_what_does_not_do_is_one_line(
    options: list[object], changed: dict[str, str], said: str, tmp_path: Path
) -> None:
    more = [part for pair in changed.items() for part in pair]
    result = train("srgan", *options, *more, "--steps", 1, out=tmp_path / "run")
    assert result.exit_code == 2 and said in " ".join(result.stderr.split()), result.output


def test_an_onnx_file_that_is_no_inpainter_is_refused(vgg19: Path, domains, tmp_path: Path) -> None:
    teacher = write_onnx_inpainter(tmp_path / "floats.onnx", floats=True)
    options = [
        "--generator",
        "light",
        "--critic",
        "patch",
        "--batch-size",
        4,
        "--perceptual",
        0,
        "--images",
        domains[0],
    ]
    result = train("inpaint", *options, "--teacher", teacher, "--teacher-size", 32, "--steps", 1, out=tmp_path / "run")
    assert result.exit_code == 2 and "MI-GAN's interface" in " ".join(result.stderr.split())
