from __future__ import annotations

from pathlib import Path

import pytest
from support.data_drawing import Draw

from img2img.config.sections.data import ImagesData, PairedData, UnpairedData
from img2img.data.folders.check import check
from img2img.data.folders.errors import DataError
from img2img.data.folders.find import Picture, find_domains, find_images, find_pairs
from img2img.images import ImageError


def stems(pictures: tuple[Picture, ...]) -> list[str]:
    return [picture.path.stem for picture in pictures]


def refusal(options: PairedData | UnpairedData) -> str:
    with pytest.raises(DataError) as caught:
        find_pairs(options) if isinstance(options, PairedData) else find_domains(options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_side_by_side_pictures_are_halves_of_the_same_files(tmp_path: Path, draw: Draw) -> None:
    for name in ("train/2.png", "train/1.png", "val/3.png"):
        draw(name)
    found = find_pairs(PairedData(pairs=tmp_path, name_b="labels"))
    assert stems(found.train["a"]) == stems(found.train["b"]) == ["1", "2"]
    assert {picture.part for picture in found.train["a"]} == {"left"}
    assert {picture.part for picture in found.train["b"]} == {"right"}
    assert stems(found.val["b"]) == ["3"]
    assert found.names == {"a": "a", "b": "labels"}
    assert "side-by-side" in found.layout


def test_side_by_side_without_train_folder_leaves_validation_out(tmp_path: Path, draw: Draw) -> None:
    for name in ("1.png", "2.png", "test/3.png"):
        draw(name)
    found = find_pairs(PairedData(pairs=tmp_path))
    assert stems(found.train["a"]) == ["1", "2"]
    assert stems(found.val["a"]) == ["3"]


@pytest.mark.parametrize(
    ("a", "b", "val_a", "val_b"),
    [
        ("day", "night", "val/day", "val/night"),
        ("train/day", "train/night", "test/day", "test/night"),
        ("day/train", "night/train", "day/val", "night/val"),
    ],
)
def test_two_folders_are_paired_by_stem(tmp_path: Path, draw: Draw, a: str, b: str, val_a: str, val_b: str) -> None:
    for name in (f"{a}/x.1.png", f"{a}/y.png", f"{b}/y.bmp", f"{b}/x.1.bmp", f"{b}/z.bmp"):
        draw(name)
    draw(f"{val_a}/v.png")
    draw(f"{val_b}/v.png")
    found = find_pairs(PairedData(pairs=tmp_path))
    assert found.names == {"a": "day", "b": "night"}
    assert stems(found.train["a"]) == stems(found.train["b"]) == ["x.1", "y"]
    assert {picture.path.suffix for picture in found.train["b"]} == {".bmp"}
    assert [file.name for file in found.alone] == ["z.bmp"]
    assert stems(found.val["a"]) == stems(found.val["b"]) == ["v"]


def test_train_a_train_b_layout_for_pairs_and_for_domains(tmp_path: Path, draw: Draw) -> None:
    for name in ("trainA/1.png", "trainB/1.png", "testA/2.png", "testB/2.png"):
        draw(name)
    pairs = find_pairs(PairedData(pairs=tmp_path))
    domains = find_domains(UnpairedData(data=tmp_path, name_a="cats", name_b="dogs"))
    apart = find_domains(UnpairedData(a=tmp_path / "trainA", b=tmp_path / "trainB"))
    assert pairs.names == apart.names == {"a": "a", "b": "b"}
    assert domains.names == {"a": "cats", "b": "dogs"}
    assert pairs.val == domains.val == apart.val
    assert stems(pairs.val["b"]) == ["2"]


def test_domains_take_the_names_of_their_folders(tmp_path: Path, draw: Draw) -> None:
    for name in ("horses/1.png", "horses/val/2.png", "zebras/train/3.png", "zebras/train/4.png"):
        draw(name)
    found = find_domains(UnpairedData(a=tmp_path / "horses", b=tmp_path / "zebras" / "train"))
    assert found.names == {"a": "horses", "b": "zebras"}
    assert stems(found.train["a"]) == ["1"]
    assert stems(found.val["a"]) == ["2"]
    assert stems(found.train["b"]) == ["3", "4"]
    assert found.val["b"] == ()


def test_same_domain_names_are_refused(tmp_path: Path, draw: Draw) -> None:
    draw("x/cats/1.png")
    draw("y/cats/1.png")
    assert "--name-a" in refusal(UnpairedData(a=tmp_path / "x" / "cats", b=tmp_path / "y" / "cats"))


def test_what_was_looked_for_and_what_was_found_is_said(tmp_path: Path, draw: Draw) -> None:
    for name in ("1.png", "x/1.png", "y/1.png", "y/2.png"):
        draw(name)
    message = refusal(PairedData(pairs=tmp_path))
    assert str(tmp_path) in message
    assert "trainA/" in message
    assert "x/ (1 images), y/ (2 images), 1 images directly in it" in message


def test_an_empty_second_folder_is_no_side_by_side_layout(tmp_path: Path, draw: Draw) -> None:
    draw("x/1.png")
    (tmp_path / "y").mkdir()
    assert "y/ (0 images)" in refusal(PairedData(pairs=tmp_path))


def test_no_common_names_are_refused_with_examples(tmp_path: Path, draw: Draw) -> None:
    draw("x/1.png")
    draw("y/2.png")
    message = refusal(PairedData(pairs=tmp_path))
    assert "1.png" in message
    assert "2.png" in message


def test_two_files_of_one_name_are_refused(tmp_path: Path, draw: Draw) -> None:
    for name in ("x/1.png", "x/1.bmp", "y/1.png"):
        draw(name)
    with pytest.raises(ImageError, match=r"1\.bmp and .*1\.png have the same name"):
        find_pairs(PairedData(pairs=tmp_path))


@pytest.mark.parametrize("layout", ["trainA", "--a"])
def test_an_empty_domain_is_refused(tmp_path: Path, draw: Draw, layout: str) -> None:
    draw("trainB/1.png")
    (tmp_path / "trainA").mkdir()
    apart = UnpairedData(a=tmp_path / "trainA", b=tmp_path / "trainB")
    message = refusal(UnpairedData(data=tmp_path) if layout == "trainA" else apart)
    assert message.startswith(f"no image in {tmp_path / 'trainA'}")


def test_missing_and_contradictory_options_are_refused(tmp_path: Path) -> None:
    here, gone, file = tmp_path, tmp_path / "gone", tmp_path / "file"
    file.touch()
    assert "--pairs" in refusal(PairedData())
    assert "no such folder" in refusal(PairedData(pairs=gone))
    assert "not a folder" in refusal(PairedData(pairs=file))
    assert "--a DIR" in refusal(UnpairedData(a=here))
    assert "not both" in refusal(UnpairedData(data=here, a=here))
    assert "same folder" in refusal(UnpairedData(a=here, b=Path(f"{here}/../{here.name}")))


def test_images_lie_flat_or_nested(tmp_path: Path, draw: Draw) -> None:
    for name in ("photos/b.png", "photos/a/2.png", "photos/a/1.jpg", "photos/val/v.png"):
        draw(name)
    found = find_images(ImagesData(images=tmp_path / "photos"))
    assert {side: stems(pictures) for side, pictures in found.train.items()} == {"high": ["1", "2", "b"]}
    assert {side: stems(pictures) for side, pictures in found.val.items()} == {"high": ["v"]}
    assert found.names == {"high": "photos"}


def test_images_may_be_divided_by_the_user(tmp_path: Path, draw: Draw) -> None:
    for name in ("photos/train/1.png", "photos/test/2.png"):
        draw(name)
    found = find_images(ImagesData(images=tmp_path / "photos"))
    assert (stems(found.train["high"]), stems(found.val["high"])) == (["1"], ["2"])


@pytest.mark.parametrize(
    ("folder", "said"), [(None, "--images DIR"), ("gone", "no such folder"), ("empty", "no image in")]
)
def test_missing_images_are_named(tmp_path: Path, folder: str | None, said: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=said):
        find_images(ImagesData(images=tmp_path / folder if folder else None))


def test_pairs_of_two_folders_that_have_nothing_else_in_common(tmp_path: Path, draw: Draw) -> None:
    for name in ("here/imgs/IMG_1.png", "here/imgs/2.png", "there/imgs/img_1.png", "there/imgs/2.png"):
        draw(name)
    found = find_pairs(PairedData(a=tmp_path / "here/imgs", b=tmp_path / "there/imgs"))
    assert [picture.path.name for picture in found.train["a"]] == ["2.png", "IMG_1.png"]
    assert [picture.path.name for picture in found.train["b"]] == ["2.png", "img_1.png"]
    assert found.names == {"a": "a", "b": "b"} and found.alone == ()
    assert "both" in refusal(PairedData(a=tmp_path / "here/imgs"))
    assert "not both" in refusal(PairedData(pairs=tmp_path, a=tmp_path / "here/imgs"))


@pytest.mark.parametrize(("train", "val"), [("train_A", "test_A"), ("trainA", "validationA")])
def test_layouts_of_pix2pixhd_and_validation(tmp_path: Path, draw: Draw, train: str, val: str) -> None:
    for side in (train, val):
        draw(f"{side}/1.png")
        draw(f"{side[:-1]}B/1.png")
    found = find_pairs(PairedData(pairs=tmp_path))
    assert found.names == {"a": "a", "b": "b"}
    assert [len(found.train["a"]), len(found.val["b"])] == [1, 1]
    assert find_domains(UnpairedData(data=tmp_path)).names == {"a": "a", "b": "b"}


def test_a_held_out_part_alone_has_the_sides_of_the_whole(tmp_path: Path, draw: Draw) -> None:
    """By name the photos would come first, and be what a model of label maps is given."""
    draw("test_label/1.png")
    draw("test_img/1.png")
    found = find_pairs(PairedData(pairs=tmp_path))
    assert found.train["a"][0].path.parent.name == "test_label" and found.train["b"][0].path.parent.name == "test_img"


def test_validation_is_never_trained_on(tmp_path: Path, draw: Draw) -> None:
    draw("1.png")
    draw("validation/2.png")
    found = find_images(ImagesData(images=tmp_path))
    assert stems(found.train["high"]) == ["1"] and stems(found.val["high"]) == ["2"]


def test_a_domain_has_the_name_that_was_typed(tmp_path: Path, draw: Draw) -> None:
    draw("data-2024/1.png")
    draw("dogs/1.png")
    (tmp_path / "cats").symlink_to(tmp_path / "data-2024")
    assert find_domains(UnpairedData(a=tmp_path / "cats", b=tmp_path / "dogs")).names == {"a": "cats", "b": "dogs"}


def test_pairs_of_composed_and_decomposed_names(tmp_path: Path, draw: Draw) -> None:
    for name in ("x/caf\u00e9.png", "y/cafe\u0301.png", "val/x/\u00e9.png", "val/y/e\u0301.png"):
        draw(name)
    found = find_pairs(PairedData(pairs=tmp_path))
    assert [len(found.train["b"]), len(found.val["b"]), found.alone] == [1, 1, ()]


def test_a_name_of_hundreds_of_letters_is_refused(tmp_path: Path, draw: Draw) -> None:
    draw(f"{'n' * 200}/1.png")
    draw("b/1.png")
    told = refusal(UnpairedData(a=tmp_path / ("n" * 200), b=tmp_path / "b"))
    assert "200 letters" in told and "--name-a" in told


def test_what_was_left_out_is_said_by_the_check(tmp_path: Path, draw: Draw) -> None:
    draw("1.png")
    (tmp_path / "2.heif2").write_bytes(b"")
    options = ImagesData(images=tmp_path, size=16)
    assert f"{tmp_path}: left out: 1 .heif2" in check(find_images(options), options).warnings
