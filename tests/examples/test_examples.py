"""The examples run, on a model of two steps; every picture is credited; the demo data are what their tool draws."""

from __future__ import annotations

import importlib.util
import re
import shutil
from fnmatch import fnmatch
from itertools import product
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from img2img.cli.app import app
from img2img.images import list_images

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
TINY = ("--steps", "2", "--size", "32", "--load-size", "32", "--width", "4", "--critic-width", "4", "--no-tensorboard")


def script(path: Path) -> ModuleType:
    """A file that is in no package, as a module; its calls of the command stay in this process, which has torch."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if hasattr(module, "img2img"):
        setattr(module, "img2img", img2img)  # noqa: B010
    return module


def img2img(*arguments: str) -> str:
    """What the command prints, where it succeeds."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first run, cut to two steps; its folder also holds the strip."""
    folder = tmp_path_factory.mktemp("first") / "prints"
    script(EXAMPLES / "first_run.py").main(folder, folder / "strip.jpg", *TINY)
    return folder


def test_first_run_shows_both_ways(run: Path) -> None:
    with Image.open(run / "strip.jpg") as strip, Image.open(EXAMPLES / "coffee.jpg") as photo:
        assert strip.width > 4 * 360 > strip.height
        for after in ("coffee.prints.png", "coffee_print.photos.png"):
            with Image.open(run / after) as result:
                assert result.size == photo.size


def test_first_run_trains_once(run: Path) -> None:
    trained = (run / "weights.safetensors").stat().st_mtime_ns
    script(EXAMPLES / "first_run.py").main(run, run / "again.jpg")
    assert (run / "weights.safetensors").stat().st_mtime_ns == trained


def test_convert_folder(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in" / "deeper").mkdir(parents=True)
    Image.new("RGB", (37, 50), "teal").save(tmp_path / "in" / "tall.png")
    shutil.copy(min((EXAMPLES / "photos").iterdir()), tmp_path / "in" / "deeper" / "crop.jpg")
    out = tmp_path / "out"
    script(EXAMPLES / "convert_folder.py").main(str(tmp_path / "in"), str(run), "prints", str(out))
    assert set(capsys.readouterr().out.split()) == {str(out / "tall.png"), str(out / "deeper" / "crop.jpg")}
    with Image.open(out / "tall.png") as result:
        assert result.size == (37, 50)


def test_convert_folder_stops_at_a_bad_photo(run: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "text.jpg").write_text("no picture")
    with pytest.raises(AssertionError, match=r"text\.jpg"):
        script(EXAMPLES / "convert_folder.py").main(str(tmp_path / "in"), str(run), "prints", str(tmp_path / "out"))


def test_every_picture_is_credited() -> None:
    lines = (EXAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    firsts = [line.split("|")[1] for line in lines if line.startswith("| `")]
    credited = [pattern for first in firsts for pattern in re.findall(r"`([^`]+)`", first)]
    pictures = [path.relative_to(EXAMPLES).as_posix() for path in list_images(EXAMPLES)]
    assert pictures
    assert [picture for picture in pictures if not any(fnmatch(picture, pattern) for pattern in credited)] == []
    assert [pattern for pattern in credited if not any(fnmatch(picture, pattern) for picture in pictures)] == []


def test_examples_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file()) < 3_000_000
    assert max(max(Image.open(path).size) for path in list_images(EXAMPLES) if path.parent == EXAMPLES) <= 640


@pytest.fixture
def tool() -> ModuleType:
    return script(ROOT / "tools" / "make_demo_data.py")


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (400, 420, 3), dtype=np.uint8)


def test_demo_data_are_the_same_each_time(tool: ModuleType, tmp_path: Path) -> None:
    for folder, seed in (("one", 3), ("two", 3), ("other", 4)):
        tool.write_domains({"noise": noise(0)}, tmp_path / folder, seed, count=2)
    for side, index in product(("photos", "prints"), (0, 1)):
        one, two, other = (tmp_path / name / side / f"noise_0{index}.jpg" for name in ("one", "two", "other"))
        assert one.read_bytes() == two.read_bytes() != other.read_bytes()


def test_no_pixel_is_in_both_domains(tool: ModuleType) -> None:
    numbered = np.arange(400 * 420).reshape(400, 420, 1)
    white, black = ({int(pixel) for cell in cells for pixel in cell.flat} for cells in tool.chessboard(numbered))
    assert not white & black
    assert len(white | black) == numbered.size


def test_a_print_has_two_inks_on_paper(tool: ModuleType) -> None:
    colours = {"white": (255, 255, 255), "black": (0, 0, 0), "orange": (255, 140, 0)}
    rng = np.random.default_rng(0)
    means = {
        name: tool.print_of(np.full((64, 64, 3), colour, np.uint8), rng).mean((0, 1)) / 255
        for name, colour in colours.items()
    }
    assert np.abs(means["white"] - tool.PAPER).max() < 0.02
    assert means["black"][2] > means["black"][0] + 0.1  # blue ink
    assert means["orange"][0] > means["orange"][1] + 0.3  # pink ink


def test_the_committed_mask_is_what_the_tool_draws(tool: ModuleType) -> None:
    with Image.open(EXAMPLES / "pagoda.jpg") as photo, Image.open(EXAMPLES / "pagoda_hole.png") as mask:
        assert np.array_equal(tool.hole_in(np.asarray(photo)), np.asarray(mask))


def test_committed_data_are_what_the_tool_draws(tool: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("skimage", reason="scikit-image is not installed: the photos that the demo data are made of")
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: the photos that the demo data are made of")
    whole = tool.photos_to_convert()
    with Image.open(EXAMPLES / "coffee.jpg") as committed:
        assert np.abs(np.asarray(committed).astype(int) - whole["coffee"]).mean() < 4  # JPEG
    name, photo = next(iter(tool.photos_to_train_on().items()))
    tool.write_domains({name: photo}, tmp_path, seed=0)
    for fresh in list_images(tmp_path):
        with Image.open(fresh) as one, Image.open(EXAMPLES / fresh.relative_to(tmp_path)) as other:
            assert np.abs(np.asarray(one).astype(int) - np.asarray(other)).mean() < 2, fresh.name
