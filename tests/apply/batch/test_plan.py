"""Which file becomes which, and what is refused before any work."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from img2img.apply.batch.plan import Job, PlanError, plan


@pytest.fixture
def names(tmp_path: Path) -> Path:
    """A folder of empty files: a plan only looks at names."""
    for name in ("a.jpg", "b.PNG", "deep/c.gif", "deep/.hidden.jpg", "notes.txt"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).touch()
    return tmp_path / "photos"


def test_a_single_file_to_a_file_a_folder_or_beside_itself(names, tmp_path):
    source = names / "a.jpg"
    assert plan([source], tmp_path / "x.png", "zebras") == [Job(source, tmp_path / "x.png")]
    assert plan([source], tmp_path / "x", "zebras") == [Job(source, tmp_path / "x.jpg")]
    assert plan([source], names / "deep", "zebras") == [Job(source, names / "deep/a.jpg")]
    assert plan([source], None, "zebras") == [Job(source, names / "a.zebras.jpg")]
    assert plan([source], None, "zebras", ".webp") == [Job(source, names / "a.zebras.webp")]


def test_a_folder_is_walked_and_keeps_its_structure_and_its_formats(names, tmp_path):
    jobs = plan([names], tmp_path / "out", "zebras")
    targets = {str(job.target.relative_to(tmp_path / "out")) for job in jobs}
    assert targets == {"a.jpg", "b.PNG", "deep/c.png"}, "what is read but not written becomes PNG"


def test_results_beside_their_sources_are_not_converted_again(names):
    (names / "a.zebras.jpg").touch()
    assert names / "a.zebras.jpg" not in {job.source for job in plan([names], None, "zebras")}


def test_two_sources_with_one_target_are_refused(names, tmp_path):
    (names / "a.png").touch()
    with pytest.raises(PlanError, match=r"a\.jpg and .*a\.png would both become"):
        plan([names], tmp_path / "out", "zebras", ".png")


def test_a_result_never_overwrites_an_input(names):
    with pytest.raises(PlanError, match="must not overwrite an input"):
        plan([names], names, "zebras")
    with pytest.raises(PlanError, match="must not overwrite an input"):
        plan([names / "a.jpg"], names / "deep/../a.jpg", "zebras")


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(PlanError, match=r"nothing\.jpg: no such file"):
        plan([tmp_path / "nothing.jpg"], None, "zebras")
    with pytest.raises(PlanError, match="no images there"):
        plan([tmp_path], None, "zebras")


def test_one_file_is_no_place_for_several_results(names, tmp_path):
    for sources in ([names], [names / "a.jpg", names / "b.PNG"]):
        with pytest.raises(PlanError, match=r"one\.png: names one file.*one\.png/"):
            plan(sources, str(tmp_path / "one.png"), "zebras")
        assert plan(sources, f"{tmp_path}/one.png/", "zebras")[0].target.parent.name == "one.png"
    (tmp_path / "notes").touch()
    with pytest.raises(PlanError, match="is a file"):
        plan([names], tmp_path / "notes", "zebras")


def test_results_inside_the_source_are_no_sources(names):
    first = plan([names], names / "made", "zebras")
    for job in first:
        job.target.parent.mkdir(parents=True, exist_ok=True)
        job.target.touch()
    assert plan([names], names / "made", "zebras") == first
    assert plan([names / "made"], names / "again", "zebras"), "asked for by name they are"


def test_what_lies_there_instead_is_said(tmp_path):
    (tmp_path / "a.heic2").touch()
    with pytest.raises(PlanError, match=r"left out: 1 \.heic2"):
        plan([tmp_path], None, "zebras")


def test_a_name_without_its_quotes_is_hinted_at(tmp_path):
    (tmp_path / "my photo.jpg").touch()
    with pytest.raises(PlanError, match=r'quotes: ".*my photo\.jpg"'):
        plan([tmp_path / "my", Path("photo.jpg")], None, "zebras")


def test_any_name_becomes_the_name_of_its_result(tmp_path):
    """A thousand names of random bytes: letter for letter where there is room, never two alike."""
    chance = random.Random(0)
    photos = tmp_path / "photos"
    photos.mkdir()
    allowed = [byte for byte in range(1, 256) if byte != ord("/")]
    stems = {b"a" + bytes(chance.choices(allowed, k=chance.choice([1, 3, 20, 249, 250]))) for _ in range(1000)}
    stems |= {"é".encode() * 125, "é".encode() * 124 + b"ee", b"caf\xe9", b"caf\xe8", "e\u0301".encode(), b"a.b"}
    for stem in stems:
        Path(os.fsdecode(os.fsencode(photos) + b"/" + stem + b".png")).touch()
    for out in (tmp_path / "out", None):
        jobs = plan([photos], out, "zebras")
        assert len(jobs) == len({job.target for job in jobs}) == len(stems)
        for job in jobs:
            made, stem = os.fsencode(job.target.name), os.fsencode(job.source.stem)
            ending = b".png" if out else b".zebras.png"
            assert len(made) <= 255 and made.endswith(ending)
            assert made == stem + ending or len(stem) + len(ending) > 255


@pytest.mark.parametrize("label", ["z" * 3000, "a\x1b[31m/\0b", "line\nline"])
def test_what_a_model_calls_its_results_makes_a_name(label, names):
    (job,) = plan([names / "a.jpg"], None, label)
    assert job.target.name.isprintable() and len(job.target.name) < 100 and job.target.parent == names


def test_one_of_several_results_has_its_label_in_its_name_in_a_folder_too(names: Path, tmp_path: Path) -> None:
    (job,) = plan([names / "a.jpg"], f"{tmp_path}/out/", "zebras", one_of_several=True)
    assert job.target == tmp_path / "out/a.zebras.jpg"
    with pytest.raises(PlanError, match="names one file, and there are several results"):
        plan([names / "a.jpg"], tmp_path / "one.png", "zebras", one_of_several=True)
