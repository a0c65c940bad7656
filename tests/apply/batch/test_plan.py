"""Which file becomes which, and what is refused before any work."""

from __future__ import annotations

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
