from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from support.data_drawing import Draw
from support.opened import open_domains, open_images, open_pairs
from torch import Tensor

from img2img.config.sections.data import ImagesData, PairedData, UnpairedData
from img2img.data.folders.errors import DataError
from img2img.data.loading.dataset import TrainingData
from img2img.images import ImageError

WAYS = [{"cache": "memory"}, {"cache": "off", "workers": 0}, {"cache": "off", "workers": 1}]
"""In memory, read by threads, read by a worker process."""


def taken(
    data: TrainingData, count: int, seed: int = 0, first: int = 0, size: int = 3, **rank: int
) -> list[dict[str, Tensor]]:
    batches = data.batches(seed, first, size, **rank)
    found = list(islice(batches, count))
    batches.close()
    return found


def same(one: list[dict[str, Tensor]], other: list[dict[str, Tensor]]) -> bool:
    return all(torch.equal(x[side], y[side]) for x, y in zip(one, other, strict=True) for side in x)


@pytest.fixture
def pairs(tmp_path: Path, draw: Draw) -> PairedData:
    """Four pairs of wide and tall pictures; b is the negative of a."""
    for number in range(4):
        shape = (30, 50, 3) if number % 2 else (50, 30, 3)
        noise = np.random.default_rng(number).integers(0, 256, shape, np.uint8)
        draw.write(f"pairs/a/{number}.png", noise)
        draw.write(f"pairs/b/{number}.png", 255 - noise)
    return PairedData(pairs=tmp_path / "pairs", size=16, load_size=20)


@pytest.fixture
def unpaired(tmp_path: Path, draw: Draw) -> UnpairedData:
    """Five pictures in a, three in b, each of one value: 10 i and 10 i + 5."""
    for number in range(5):
        draw(f"domains/a/{number}.png", (20, 20), "L", 10 * number)
    for number in range(3):
        draw(f"domains/b/{number}.png", (20, 20), "RGB", 10 * number + 5)
    for number in range(7):
        draw(f"domains/a/val/{number}.png", (20, 20), "L", 100 + number)
    return UnpairedData(data=tmp_path / "domains", size=16, load_size=18)


@pytest.fixture
def charts(tmp_path: Path, draw: Draw) -> ImagesData:
    """Three pictures whose red is the column and whose green is the row; blue tells them apart. One is small."""
    for number, (height, width) in enumerate(((60, 90), (100, 40), (8, 8))):
        rows, columns = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
        draw.write(f"photos/{number}.png", np.stack([columns, rows, rows * 0 + number], 2).astype(np.uint8))
    return ImagesData(images=tmp_path / "photos", size=16, windows=3)


@pytest.mark.parametrize("way", WAYS)
def test_resumed_batches_are_those_that_would_have_come(
    pairs: PairedData, unpaired: UnpairedData, charts: ImagesData, way: dict
) -> None:
    for data in (
        open_pairs(pairs.model_copy(update=way)),
        open_domains(unpaired.model_copy(update=way)),
        open_images(charts.model_copy(update=way)),
    ):
        whole = taken(data, 7, seed=4)
        assert same(taken(data, 4, seed=4, first=3), whole[3:])
        assert not same(taken(data, 7, seed=5), whole)


def test_all_ways_of_reading_give_the_same(pairs: PairedData, charts: ImagesData) -> None:
    for options, opened in ((pairs, open_pairs), (charts, open_images)):
        memory, threads, process = (taken(opened(options.model_copy(update=way)), 5) for way in WAYS)
        assert same(memory, threads)
        assert same(memory, process)


@pytest.mark.parametrize("fit", ["cover", "stretch"])
def test_both_sides_of_a_pair_have_the_same_window(pairs: PairedData, fit: str) -> None:
    data = open_pairs(pairs.model_copy(update={"fit": fit}))
    for batch in taken(data, 4):
        assert batch["a"].shape == batch["b"].shape == (3, 3, 20, 20)
        assert batch["a"].dtype == torch.uint8
        assert (batch["a"].int() + batch["b"].int() - 255).abs().max() <= 1  # the resize rounds


def test_windows_of_one_picture_differ_from_epoch_to_epoch(pairs: PairedData) -> None:
    windows = torch.cat([batch["a"] for batch in taken(open_pairs(pairs), 20, size=4)])
    assert len(windows.flatten(1).unique(dim=0)) > 20  # of 4 pictures, 14 windows each


def test_domains_are_shuffled_each_for_itself(unpaired: UnpairedData) -> None:
    data = open_domains(unpaired)
    assert (len(data), data.names, data.channels) == (5, {"a": "a", "b": "b"}, {"a": 1, "b": 3})
    assert (data.steps_per_epoch(2), data.steps_per_epoch(5), data.steps_per_epoch(8)) == (3, 1, 1)
    batches = taken(data, 6, size=5)
    a = torch.cat([batch["a"][:, 0, 0, 0] for batch in batches]).view(6, 5)
    b = torch.cat([batch["b"][:, 0, 0, 0] for batch in batches]).view(10, 3)
    assert [sorted(epoch) for epoch in a.tolist()] == [[0, 10, 20, 30, 40]] * 6
    assert [sorted(epoch) for epoch in b.tolist()] == [[5, 15, 25]] * 10
    assert len(a.unique(dim=0)) > 1


def test_ranks_see_different_pictures(unpaired: UnpairedData) -> None:
    data = open_domains(unpaired)
    alone = taken(data, 5, size=4)
    halves = [taken(data, 5, size=2, rank=rank, ranks=2) for rank in (0, 1)]
    together = [{side: torch.cat([x[side], y[side]]) for side in x} for x, y in zip(*halves, strict=True)]
    assert same(together, alone)


@pytest.mark.parametrize("way", WAYS)
def test_the_global_random_states_are_left_alone(pairs: PairedData, way: dict) -> None:
    data = open_pairs(pairs.model_copy(update=way))
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    taken(data, 3)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_became_unreadable_is_named(tmp_path: Path, pairs: PairedData, way: dict) -> None:
    data = open_pairs(pairs.model_copy(update=way))
    told: list[str] = []
    data.unreadable.tell = told.append
    for number in (0, 1, 2):
        (tmp_path / f"pairs/b/{number}.png").write_bytes(b"broken")
    with pytest.raises(ImageError) as caught:
        taken(data, 8)
    said = [*told, str(caught.value)]
    assert any(str(tmp_path / f"pairs/b/{number}.png") in line for line in said for number in (0, 1, 2))
    assert not any("\n" in line for line in said)


def test_sixteen_bits_are_kept(tmp_path: Path, draw: Draw) -> None:
    for number in range(2):
        draw(f"a/{number}.png", (20, 20), "I;16", 30001)
        draw(f"b/{number}.png", (20, 20), "L", 51)
    data = open_domains(UnpairedData(a=tmp_path / "a", b=tmp_path / "b", size=16))
    (batch,) = taken(data, 1)
    assert (batch["a"].dtype, batch["b"].dtype) == (torch.float32, torch.uint8)
    assert (batch["a"] - 30001 / 65535).abs().max() < 1e-7
    assert data.fixed(1)["a"].dtype == torch.float32


def test_fixed_pictures_are_spread_over_the_validation_set(unpaired: UnpairedData) -> None:
    data = open_domains(unpaired)
    shown = data.fixed(3)
    assert shown["a"].shape == (3, 1, 16, 16)
    assert shown["b"].shape == (3, 3, 16, 16)
    assert shown["a"][:, 0, 0, 0].tolist() == [100, 103, 106]
    assert shown["b"][:, 0, 0, 0].tolist() == [5, 15, 25]  # no validation pictures: the training set's
    assert {side: len(pictures) for side, pictures in data.fixed(50).items()} == {"a": 3, "b": 3}
    assert same([shown], [data.fixed(3)])


def test_fixed_pictures_are_the_middle(pairs: PairedData) -> None:
    shown = open_pairs(pairs).fixed(4)
    assert (shown["a"].int() + shown["b"].int() - 255).abs().max() <= 1


def test_a_small_set_is_kept_in_memory(tmp_path: Path, pairs: PairedData) -> None:
    data = open_pairs(pairs.model_copy(update={"cache": "auto"}))
    first = taken(data, 4)
    for file in (tmp_path / "pairs").rglob("*.png"):
        file.unlink()
    assert same(taken(data, 4), first)


def test_bad_data_is_refused(tmp_path: Path, pairs: PairedData, unpaired: UnpairedData) -> None:
    for folder in ("pairs", "domains"):
        (tmp_path / folder / "a" / "0.png").write_bytes(b"")
    for opened in (lambda: open_pairs(pairs), lambda: open_domains(unpaired)):
        with pytest.raises(DataError, match=r"0\.png"):
            opened()


def test_windows_are_cut_out_of_the_full_resolution(charts: ImagesData) -> None:
    data = open_images(charts)
    assert (data.names, data.channels, len(data), data.steps_per_epoch(3)) == ({"high": "photos"}, {"high": 3}, 9, 3)
    batches = taken(data, 12, size=3)
    windows = torch.cat([batch["high"] for batch in batches]).int()
    assert windows.shape == (36, 3, 16, 16)
    whole = windows[windows[:, 2, 0, 0] < 2]
    assert (whole[:, 0].diff(dim=2) == 1).all()
    assert (whole[:, 1].diff(dim=1) == 1).all()
    small = windows[windows[:, 2, 0, 0] == 2]
    assert small[:, :2].max() <= 7  # 8 px, enlarged to 16
    assert len(whole) == 24
    assert len(whole.flatten(1).unique(dim=0)) > 20


def test_each_picture_gives_its_windows_in_an_epoch(charts: ImagesData) -> None:
    batches = taken(open_images(charts), 6, size=3)
    seen = [sorted(batch["high"][:, 2, 0, 0].tolist()) for batch in batches]
    assert seen == [[0, 1, 2]] * 6


def test_a_margin_can_be_read_around_the_window(charts: ImagesData) -> None:
    (batch,) = taken(open_images(charts.model_copy(update={"load_size": 24})), 1)
    assert batch["high"].shape == (3, 3, 24, 24)


def test_fixed_windows_are_the_middle_at_full_resolution(charts: ImagesData) -> None:
    shown = open_images(charts).fixed(2)["high"]
    assert shown[0, :2, 0, 0].tolist() == [37, 22]  # (90 - 16) / 2, (60 - 16) / 2, as (90 - 16 + 1) / 2 is cut
    assert shown.shape == (2, 3, 16, 16)


@pytest.mark.parametrize(("ranks", "kept"), [(1, True), (2, True), (3, False)])
def test_as_many_copies_as_ranks_have_to_fit_into_the_memory(
    ranks: int, kept: bool, tmp_path: Path, pairs: PairedData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight pictures of 20 x 33 px in a quarter of what is free: twice, but not three times."""
    monkeypatch.setattr("img2img.data.loading.dataset.free_memory", lambda: int(4 * 2.5 * 8 * 3 * 20 * 33))
    data = open_pairs(pairs.model_copy(update={"cache": "auto", "workers": 0}))
    taken(data, 4, ranks=ranks)
    for file in (tmp_path / "pairs").rglob("*.png"):
        file.unlink()
    if kept:
        taken(data, 4, ranks=ranks)
    else:
        with pytest.raises(ImageError):
            taken(data, 4, ranks=ranks)
