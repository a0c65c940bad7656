"""Our own files: what goes in comes out, whole or not at all, and what does not belong is named."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from safetensors.torch import load_file, save_file
from torch import nn

from img2img.config.base import Refusal
from img2img.config.card import METADATA_KEY, ModelCard, NetworkCard
from img2img.config.networks import SizeNeeds
from img2img.config.networks.critics import PatchSpec
from img2img.config.networks.translators import ResnetSpec, UNetSpec
from img2img.config.networks.vectors import MLPSpec
from img2img.networks import build
from img2img.networks.tensor_files import read_checkpoint
from img2img.weights import WeightsError, load, read_card, save
from img2img.weights.foreign import is_foreign, load_foreign

SPEC = ResnetSpec(width=2, blocks=1, norm="batch")
CARD = ModelCard(
    task="translate",
    networks={
        "a_to_b": NetworkCard(spec=SPEC, source="horses", target="zebras"),
        "b_to_a": NetworkCard(spec=UNetSpec(width=1, levels=2), source="zebras", target="horses"),
    },
    figures={"FID of 140 test images, clean": 43.71},
    note="Zebras — früher Pferde",
)


def networks() -> dict[str, nn.Module]:
    torch.manual_seed(0)
    return {name: build(network.spec) for name, network in CARD.networks.items()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    save(path, networks(), CARD)
    return path


def rewritten(path: Path, *, card: Any = CARD, **changes: torch.Tensor | None) -> Path:
    """The file with some tensors replaced, added, or, where None, removed."""
    tensors = {key: tensor for key, tensor in {**load_file(path), **changes}.items() if tensor is not None}
    text = card.model_dump_json() if isinstance(card, ModelCard) else card
    save_file(tensors, path, None if text is None else {METADATA_KEY: text})
    return path


def test_what_was_saved_is_loaded(path: Path) -> None:
    originals = networks()
    loaded, card = load(path)
    assert card == read_card(path) == CARD
    assert loaded.keys() == originals.keys()
    for name, original in originals.items():
        kept, expected = loaded[name].state_dict(), original.state_dict()
        assert kept.keys() == expected.keys()
        assert all(torch.equal(kept[key], expected[key]) and kept[key].device.type == "cpu" for key in expected)
        assert all(parameter.requires_grad for parameter in loaded[name].parameters())
    assert {key.split(".")[0] for key in load_file(path)} == {"a_to_b", "b_to_a"}


def test_a_critic_in_channels_last_is_stored_like_any_other(tmp_path: Path) -> None:
    spec = PatchSpec(width=2, layers=1, minibatch="discrimination")
    critic = build(spec).to(memory_format=torch.channels_last).eval()
    card = ModelCard(task="translate", networks={"critic": NetworkCard(spec=spec)})
    save(tmp_path / "critic.safetensors", {"critic": critic}, card)
    loaded = load(tmp_path / "critic.safetensors")[0]["critic"].state_dict()
    assert all(torch.equal(loaded[key], tensor) for key, tensor in critic.state_dict().items())


def test_half_precision_files_are_half_the_size_and_load_as_single(tmp_path: Path, path: Path) -> None:
    half = tmp_path / "half.safetensors"
    save(half, networks(), CARD, dtype=torch.float16)
    stored, loaded = load_file(half), load(half)[0]
    assert {tensor.dtype for tensor in stored.values()} == {torch.float16, torch.int64}
    assert all(tensor.dtype != torch.float16 for tensor in loaded.state_dict().values())
    for key, tensor in load(path)[0].state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[key], tensor, rtol=0, atol=1e-3)


def test_a_value_that_half_precision_cannot_hold_is_refused(tmp_path: Path) -> None:
    large = networks()
    with torch.no_grad():
        next(large["a_to_b"].parameters())[0, 0, 0, 0] = 1e6
    with pytest.raises(WeightsError, match="1e\\+06 does not fit float16"):
        save(tmp_path / "w.safetensors", large, CARD, dtype=torch.float16)
    assert not list(tmp_path.iterdir())


def test_names_must_be_the_cards(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="describes a_to_b, b_to_a, not a_to_b"):
        save(tmp_path / "w.safetensors", {"a_to_b": build(SPEC)}, CARD)


def test_loaded_weights_outlive_their_file(path: Path) -> None:
    loaded, _ = load(path)
    before = {key: tensor.clone() for key, tensor in loaded.state_dict().items()}
    path.write_bytes(bytes(path.stat().st_size))
    assert all(torch.equal(tensor, before[key]) for key, tensor in loaded.state_dict().items())


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files with setrlimit")
def test_a_full_disk_leaves_the_old_file_and_no_other(path: Path) -> None:
    import resource

    old = path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(old) // 2, hard))
    try:
        with pytest.raises(WeightsError, match="cannot be written") as refusal:
            save(path, networks(), CARD)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert str(path) in str(refusal.value) and "\n" not in str(refusal.value)
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WeightsError, match="cannot be written"):
        save(tmp_path / "file" / "w.safetensors", networks(), CARD)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"a_to_b.leave.bias": None}, "a_to_b.leave.bias is missing"),
        ({"a_to_b.more": torch.zeros(1)}, "a_to_b.more is unexpected"),
        ({"b_to_a.encoder.0.0.weight": torch.zeros(2, 3, 4, 4)}, "is [2, 3, 4, 4], must be [1, 3, 4, 4]"),
        ({f"x.{number}": torch.zeros(1) for number in range(9)}, "and 6 more"),
    ],
)
def test_tensors_that_are_not_the_cards_are_named(path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(WeightsError) as refusal:
        load(rewritten(path, **changes))
    assert said in str(refusal.value) and str(path) in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (None, "no model card"),
        ("{", "not JSON"),
        ("[]", "not valid"),
        (json.dumps({"format": 2, "unheard": "of"}), "format 2 is newer"),
        (json.dumps({"task": "dance", "networks": {}}), "task"),
        (CARD.model_dump_json().replace('"blocks":1', '"blocks":0'), "blocks"),
        (CARD.model_dump_json().replace('"b_to_a"', '"train"'), "train"),
    ],
)
def test_a_card_that_cannot_be_used_is_refused(path: Path, card: str | None, said: str) -> None:
    with pytest.raises(WeightsError) as refusal:
        load(rewritten(path, card=card))
    assert said in str(refusal.value) and str(path) in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"text", b"\xff\xd8\xff\xe0 a JPEG"])
def test_what_is_no_weights_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="not a safetensors file") as refusal:
        read_card(tmp_path / "w.safetensors")
    assert "\n" not in str(refusal.value)
    with pytest.raises(WeightsError, match="no such file"):
        load(tmp_path / "absent.safetensors")


def test_of_an_onnx_file_it_says_what_to_name_instead(tmp_path: Path) -> None:
    (tmp_path / "w.ONNX").write_bytes(b"\x08\x08\x12\x07pytorch")
    for read in (read_card, load, load_foreign):
        with pytest.raises(WeightsError, match=r"an ONNX model.*name the \.safetensors file"):
            read(tmp_path / "w.ONNX")


def test_a_header_of_a_hundred_thousand_letters_is_no_message_of_as_many(tmp_path: Path) -> None:
    header = b'{"weight": "' + b"x" * 100_000 + b'"}'
    (tmp_path / "w.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    for read in (read_card, load, load_foreign):
        with pytest.raises(WeightsError, match="not a safetensors file, or a broken one") as refusal:
            read(tmp_path / "w.safetensors")
        assert len(str(refusal.value)) < 500


def test_a_card_takes_sizes_from_the_spec_unless_told() -> None:
    assert NetworkCard(spec=UNetSpec(levels=3)).needs.multiple_of == 8
    assert NetworkCard(spec=MLPSpec()).needs == SizeNeeds()
    assert NetworkCard(spec=UNetSpec(), needs=SizeNeeds(multiple_of=3)).needs.multiple_of == 3
    assert ModelCard.model_validate_json(CARD.model_dump_json()) == CARD


@pytest.mark.parametrize(
    "wrong", [{"networks": {}}, {"networks": {"a.b": NetworkCard(spec=SPEC)}}, {"figures": {"FID": float("nan")}}]
)
def test_a_card_that_could_not_be_read_back_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ModelCard.model_validate({"task": "translate", "networks": {"a": NetworkCard(spec=SPEC)}} | wrong)


def described(**changes: Any) -> str:
    """The card with one network's spec changed."""
    card = json.loads(CARD.model_dump_json())
    for place, value in changes.items():
        *path, last = place.split("__")
        inner = card["networks"]["a_to_b"]
        for part in path:
            inner = inner[part]
        inner[last] = value
    return json.dumps(card)


def many(count: int) -> str:
    """A card of so many networks."""
    networks = {f"n{number}": {"spec": {"network": "resnet"}} for number in range(count)}
    return json.dumps({"task": "translate", "networks": networks})


@pytest.mark.parametrize(
    "card",
    [
        described(spec__blocks=10**9),
        described(spec__blocks=60_000),
        described(spec__width=10**9),
        described(spec__width=60_000),
        described(needs__minimum=30_000),
        described(needs__multiple_of=-1),
        described(scale=10**6),
        described(spec__blocks="9" * 5000),
        described(spec__width=[[]]),
        CARD.model_dump_json().replace('"steps":0', '"steps":' + "9" * 5000),
        "[" * 100_000,
        "null",
        '"\\u0000"',
        many(10_000),
        many(60),
    ],
)  # fmt: skip
def test_a_card_that_promises_too_much_is_refused_before_anything_is_built(path: Path, card: str) -> None:
    started = time.process_time()
    with pytest.raises(WeightsError) as refusal:
        load(rewritten(path, card=card))
    assert time.process_time() - started < 2
    assert str(path) in str(refusal.value) and "\n" not in str(refusal.value) and len(str(refusal.value)) < 700


@pytest.mark.parametrize("kind", ["fifo", "device"])
def test_weights_that_are_no_file_are_not_opened(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    for opening in (load, read_card, load_foreign, read_checkpoint):
        with pytest.raises(Refusal, match="not a regular file"):
            opening(path)
    assert not is_foreign(path)
