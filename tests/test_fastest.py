"""What `auto` stands for on a machine: half precision only where the device has it, fp32 as the way out."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from support.drawing import write_pictures
from support.running import img2img, succeeded

from img2img import fastest
from img2img.fastest import FASTEST, Machine, Work, machine_of, training
from img2img.machine import choose_precision

CPU = torch.device("cpu")


def told(monkeypatch: pytest.MonkeyPatch, level: str, **has: bool) -> None:
    """A CPU that torch says this of."""
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: level)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)


def test_every_machine_has_a_row_for_all_work_with_fp32() -> None:
    machines = get_args(Machine)
    assert {(machine, work) for machine in machines for work in ("train", "apply")} <= set(FASTEST)
    assert set(FASTEST) <= {(machine, work) for machine in machines for work in get_args(Work)}
    assert all("fp32" in row for row in FASTEST.values())


@pytest.mark.parametrize(
    ("level", "has", "machine", "trains_in"),
    [
        ("AVX512", {"avx512_bf16": True}, "cpu with bf16", "bf16"),
        ("AVX512", {"avx512_bf16": False}, "cpu", "fp32"),
        ("AVX2", {"avx512_bf16": True}, "cpu", "fp32"),  # ATEN_CPU_CAPABILITY=avx2 holds torch back
        ("SVE256", {"sve_bf16": True}, "cpu", "fp32"),
    ],
)
def test_a_cpu_is_known_by_what_it_computes_in(monkeypatch, level, has, machine, trains_in) -> None:
    told(monkeypatch, level, **has)
    assert machine_of(CPU) == machine
    for task in ("translate", "upscale", "inpaint"):
        assert choose_precision("auto", CPU, training(task)) == trains_in
    assert choose_precision("auto", CPU, training("sample")) == "fp32", "no whole runs from noise were compared"
    assert choose_precision("fp32", CPU) == "fp32"


def test_a_torch_that_does_not_tell_is_taken_for_one_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert machine_of(CPU) == "cpu"


def test_the_layout_follows_precision_and_work(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, "AVX512", avx512_bf16=True)
    assert fastest.layout_of(CPU, training("translate"), "bf16") == torch.contiguous_format
    assert fastest.layout_of(CPU, training("upscale"), "bf16") == torch.channels_last
    assert fastest.layout_of(CPU, training("inpaint"), "bf16") == torch.contiguous_format
    assert fastest.layout_of(CPU, "train", "fp32") == torch.channels_last
    assert fastest.layout_of(CPU, "apply", "bf16") == torch.channels_last
    assert fastest.fastest(CPU, "apply")[0] == "bf16" and fastest.fastest(CPU, "translate")[0] == "fp32"


def test_a_task_without_a_row_goes_by_all_training(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, "AVX2")
    assert fastest.fastest(CPU, "train upscale") == fastest.fastest(CPU, "train") == ("fp32",)
    told(monkeypatch, "AVX512", avx512_bf16=True)
    assert fastest.fastest(CPU, training("sample")) == fastest.fastest(CPU, "train")


@pytest.mark.parametrize(("kind", "precision"), [("pix2pix", "bf16"), ("gan", "fp32")])
def test_a_run_computes_in_what_suits_its_task(kind: str, precision: str, tmp_path, monkeypatch, capsys) -> None:
    told(monkeypatch, "AVX512", avx512_bf16=True)
    side = (32, 64, 3) if kind == "pix2pix" else (32, 32, 3)
    write_pictures(tmp_path / "data", {f"{number}.png": side for number in range(4)})
    given = ["--pairs" if kind == "pix2pix" else "--images", tmp_path / "data", "--dry-run"]
    narrow = ["--size", 32, "--width", 4, "--critic-width", 4, "--workers", 0, "--device", "cpu"]
    assert f"cpu, {precision}" in succeeded(img2img("train", kind, *given, *narrow)).stderr
