"""From `--model` to a file and from `--to` to a network."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from img2img.config.card import CODES, ModelCard, NetworkCard, Task
from img2img.config.networks.encoders import StyleEncoderSpec
from img2img.config.networks.told_translators import StarGANSpec
from img2img.config.networks.vectors import MLPSpec
from img2img.networks import build
from img2img.weights import WeightsError, choose_network, find, save, shipped
from img2img.weights.find import default_inpainter, default_upscaler

SPEC = MLPSpec(width=1, hidden_layers=1)


def written(path: Path, task: Task = "translate") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    save(path, {"generator": build(SPEC)}, ModelCard(task=task, networks={"generator": NetworkCard(spec=SPEC)}))
    return path


pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_file_a_run_and_a_name_are_found(tmp_path: Path, home: Path) -> None:
    file = written(tmp_path / "some.safetensors")
    run = written(tmp_path / "runs" / "zebras" / "weights.safetensors")
    named = written(home / "weights" / "zebras.safetensors")
    assert find(str(file), "translate") == file
    assert find("runs/zebras", "translate").resolve() == run
    assert find("zebras", "translate") == named
    assert shipped()["zebras"] == named


def test_what_is_not_found_says_what_there_is(tmp_path: Path, home: Path) -> None:
    written(home / "weights" / "zebras.safetensors")
    written(home / "weights" / "sharp.safetensors", "upscale")
    with pytest.raises(WeightsError, match="zebra: neither a file") as refusal:
        find("zebra", "translate")
    assert "zebras" in str(refusal.value) and "sharp" not in str(refusal.value)
    assert str(home / "weights") in str(refusal.value)
    with pytest.raises(WeightsError, match=r"without weights\.safetensors"):
        find(str(tmp_path), "translate")


def test_weights_of_another_task_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "sharp.safetensors", "upscale")
    with pytest.raises(WeightsError, match="holds weights to upscale, not to translate") as refusal:
        find(str(path), "translate")
    assert f"img2img upscale --model {path}" in str(refusal.value)


def test_the_shipped_inpainter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["img2img.weights.find"], "_folders", lambda: [home / "weights"])
    with pytest.raises(WeightsError, match=r"no weights are shipped that fill holes; --model .* telea needs none"):
        default_inpainter()
    written(home / "weights" / "light-inpaint.safetensors", "inpaint")
    assert default_inpainter() == "light-inpaint"
    written(home / "weights" / "photo-inpaint.safetensors", "inpaint")
    assert default_inpainter() == "photo-inpaint"


def card(*ways: tuple[str, str]) -> ModelCard:
    networks = {f"way{n}": NetworkCard(spec=SPEC, source=a, target=b) for n, (a, b) in enumerate(ways)}
    return ModelCard(task="translate", networks=networks)


def test_the_shipped_upscaler_of_a_scale(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["img2img.weights.find"], "_folders", lambda: [home / "weights"])
    for name, wanted in (
        ("light-x4", {1: None, 2: "light-x4", 3: "light-x4", 4: "light-x4"}),
        ("photo-x4", {1: "photo-x4", 2: "photo-x4", 3: "photo-x4", 4: "photo-x4"}),
        ("light-x2", {1: "photo-x4", 2: "light-x2", 3: "photo-x4", 4: "photo-x4"}),
        ("photo-x2", {1: "photo-x4", 2: "photo-x2", 3: "photo-x4", 4: "photo-x4"}),
        ("photo-x1", {1: "photo-x1", 2: "photo-x2", 3: "photo-x4", 4: "photo-x4"}),
    ):
        written(home / "weights" / f"{name}.safetensors", "upscale")
        for scale, best in wanted.items():
            if best:
                assert default_upscaler(scale) == best
                continue
            with pytest.raises(WeightsError, match=f"no weights are shipped that enlarge photos {scale} times"):
                default_upscaler(scale)
    with pytest.raises(WeightsError, match="enlarge photos 8 times"):
        default_upscaler(8)


def test_the_direction_is_chosen_by_the_domain_it_leads_to() -> None:
    both = card(("horses", "zebras"), ("zebras", "horses"))
    assert choose_network(both, "zebras") == "way0"
    assert choose_network(both, "horses") == "way1"
    assert choose_network(card(("maps", "photos")), None) == "way0"
    assert choose_network(card(("maps", "photos")), "photos") == "way0"


def test_a_network_that_is_told_the_domain_leads_to_each_and_an_encoder_to_none() -> None:
    spec = StarGANSpec(classes=2)
    told = NetworkCard(spec=spec, source="any domain", target="any domain", classes=("happy", "sad"))
    codes = NetworkCard(spec=StyleEncoderSpec(), source="sad", target=CODES)
    file = ModelCard(task="translate", networks={"generator": told, "encoder": codes})
    assert choose_network(file, None) == choose_network(file, "sad") == "generator"
    assert told.leads_to == ("happy", "sad") and codes.leads_to == ()
    for name in ("any domain", CODES):
        with pytest.raises(WeightsError, match=r"happy \(from any domain\), sad"):
            choose_network(file, name)


@pytest.mark.parametrize(
    ("ways", "to", "said"),
    [
        ([("horses", "zebras"), ("zebras", "horses")], None, "say --to"),
        ([("horses", "zebras")], "horses", "no way to 'horses'"),
        ([("horses", "zebras"), ("mules", "zebras")], "zebras", "2 ways to 'zebras'"),
    ],
)
def test_an_unclear_direction_lists_the_domains(ways: list[tuple[str, str]], to: str | None, said: str) -> None:
    with pytest.raises(WeightsError, match=said) as refusal:
        choose_network(card(*ways), to)
    assert "zebras (from horses)" in str(refusal.value)
