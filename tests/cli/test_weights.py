"""`img2img weights …` on a real run."""

from __future__ import annotations

import json
import sys

import pytest
from support.running import img2img, succeeded, train
from support.upscalers import write_weights


@pytest.fixture(scope="module")
def run(domains, tmp_path_factory):
    """A CycleGAN of two steps."""
    out = tmp_path_factory.mktemp("weights") / "run"
    succeeded(train("cyclegan", "--a", domains[0], "--b", domains[1], "--blocks", 1, "--steps", 2, out=out))
    return out


def test_info_says_what_the_file_is(run):
    said = succeeded(img2img("weights", "info", run)).stdout
    assert "horses → zebras" in said and "zebras → horses" in said and "cyclegan" in said
    card = json.loads(succeeded(img2img("weights", "info", run, "--json")).stdout)
    assert card["steps"] == 2 and card["networks"]["a_to_b"]["target"] == "zebras"


def test_onnx_by_the_domains_name(run, tmp_path):
    pytest.importorskip("onnxruntime", reason="the onnx extra is not installed")
    pytest.importorskip("onnxscript", reason="the onnx extra is not installed")
    result = succeeded(img2img("weights", "export", run, "--onnx", "--to", "zebras", "-o", tmp_path / "z.onnx"))
    assert (tmp_path / "z.onnx").stat().st_size > 1000
    assert float(result.stderr.split("torch: ")[1].split()[0]) < 1e-3
    again = img2img("weights", "export", run, "--onnx", "--to", "zebras", "-o", tmp_path / "z.onnx")
    assert again.exit_code == 2 and "exists already" in again.stderr


def test_an_ambiguous_export_names_the_domains(run, tmp_path):
    result = img2img("weights", "export", run, "--onnx", "-o", tmp_path / "z.onnx")
    assert result.exit_code == 2 and "zebras" in result.stderr and "horses" in result.stderr


def test_list_says_what_each_is_for(monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    said = " ".join(succeeded(img2img("weights", "list")).stdout.split())
    assert "photo-x4" in said and "(default)" in said and "photos as cameras" in said
    assert "does badly" in said and "1.3 s" in said
    found = {row["name"]: row for row in json.loads(succeeded(img2img("weights", "list", "--json")).stdout)}
    assert found["photo-x4"]["default"] == "default" and found["photo-x4"]["parameters"] > 100_000
    assert found["photo-inpaint"]["task"] == "inpaint" and found["psnr-x4"]["default"] == ""


def test_weights_without_words_are_listed_by_their_card(home):
    write_weights(home / "weights" / "mine.safetensors")
    found = {row["name"]: row for row in json.loads(succeeded(img2img("weights", "list", "--json")).stdout)}
    assert found["mine"]["file"].endswith("mine.safetensors") and found["mine"]["seconds"] is None


def test_list_works_without_any(home, monkeypatch):
    monkeypatch.setattr(sys.modules["img2img.weights.find"], "_folders", lambda: [home / "weights"])
    assert "no weights are shipped yet" in succeeded(img2img("weights", "list")).stdout
