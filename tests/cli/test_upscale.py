"""`img2img upscale`: the right weights by themselves, photos kept, files safe, stops and goes on."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from support.drawing import draw
from support.running import img2img, succeeded
from support.upscalers import write_weights
from typer.testing import CliRunner

from img2img import images
from img2img.apply.batch.plan import Job
from img2img.apply.batch.report import PhotoReport
from img2img.apply.engine import model as engine
from img2img.cli.app import app
from img2img.cli.progress import BatchProgress


@pytest.fixture
def named(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for weights with names, and no other."""
    monkeypatch.setattr(sys.modules["img2img.weights.find"], "_folders", lambda: [home / "weights"])
    return home / "weights"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.fromarray(draw(0, 14, 20, 3)).save(path)
    return path


def upscale(*arguments: object):
    return img2img("upscale", "--device", "cpu", *arguments)


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_weights_are_chosen_by_scale(named: Path, photo: Path, tmp_path: Path) -> None:
    for name, scale in (("photo-x4", 4), ("light-x4", 4), ("light-x2", 2)):
        write_weights(named / f"{name}.safetensors", scale=scale, seed=len(name))
    assert succeeded(upscale(photo)).stdout.strip() == str(tmp_path / "photo.x4.jpg")
    assert size(tmp_path / "photo.x4.jpg") == (80, 56)
    succeeded(upscale(photo, "--model", "photo-x4", "-o", tmp_path / "named.jpg"))
    assert (tmp_path / "named.jpg").read_bytes() == (tmp_path / "photo.x4.jpg").read_bytes()
    succeeded(upscale(photo, "--scale", 2))
    assert size(tmp_path / "photo.x2.jpg") == (40, 28)
    write_weights(named / "photo-x1.safetensors", scale=1)
    succeeded(upscale(photo, "--scale", 1))
    assert size(tmp_path / "photo.x1.jpg") == (20, 14)
    result = succeeded(upscale(photo, "--scale", 3))
    assert size(tmp_path / "photo.x3.jpg") == (60, 42)
    assert "x3 is made from the x4 of photo-x4" in result.stderr


def test_any_size_and_a_photo_that_has_it_not(named: Path, photo: Path, tmp_path: Path) -> None:
    for name, scale in (("photo-x4", 4), ("light-x2", 2)):
        write_weights(named / f"{name}.safetensors", scale=scale)
    for options, name, wanted in (
        (["--scale", 2.5], "photo.x2.5.jpg", (50, 35)),
        (["--width", 33], "photo.w33.jpg", (33, 23)),
        (["--height", 56], "photo.h56.jpg", (80, 56)),
        (["--fit", "50x30"], "photo.fit50x30.jpg", (43, 30)),
    ):
        assert succeeded(upscale(photo, *options)).stdout.strip() == str(tmp_path / name)
        assert size(tmp_path / name) == wanted
    assert "skipped" in succeeded(upscale(photo, "--width", 33)).stderr
    (tmp_path / "in").mkdir()
    Image.fromarray(draw(0, 9, 12, 3)).save(tmp_path / "in/small.png")
    Image.fromarray(draw(0, 9, 90, 3)).save(tmp_path / "in/large.png")
    result = upscale(tmp_path / "in", "--width", 48, "-o", tmp_path / "out")
    assert result.exit_code == 1 and size(tmp_path / "out/small.png") == (48, 36)
    assert "would make 48 x 5 px of 90 x 9 px; allowed: 1 to 4 times, up to 360 x 36 px" in result.stderr


def test_upright_sizes_by_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown a quarter turned: 14 x 20
    Image.fromarray(draw(0, 14, 20, 3)).save(tmp_path / "p.jpg", exif=exif)
    weights = write_weights(tmp_path / "w.safetensors")
    succeeded(upscale(tmp_path / "p.jpg", "--model", weights, "--width", 21))
    assert size(tmp_path / "p.w21.jpg") == (21, 30)
    with Image.open(tmp_path / "p.w21.jpg") as made:
        assert made.getexif().get(0x0112, 1) == 1 and made.getexif().get_ifd(0x8769).get(0xA002, 21) == 21


def test_strength_is_between_two_files(photo: Path, tmp_path: Path) -> None:
    own, other = (write_weights(tmp_path / f"{seed}.safetensors", seed=seed) for seed in (1, 2))
    made = {}
    for strength in (0, 0.5, 1):
        out = tmp_path / f"{strength}.png"
        succeeded(upscale(photo, "--model", own, "--blend", other, "--strength", strength, "-o", out))
        made[strength] = out.read_bytes()
    succeeded(upscale(photo, "--model", other, "-o", tmp_path / "other.png"))
    assert made[0] == (tmp_path / "other.png").read_bytes() and len(set(made.values())) == 3


def test_without_weights_it_says_what_there_is(named: Path, photo: Path) -> None:
    result = upscale(photo)
    assert (
        result.exit_code == 2 and "no weights are shipped that enlarge photos 4 times (there are none)" in result.stderr
    )
    write_weights(named / "light-x2.safetensors", scale=2)
    result = upscale(photo)
    assert result.exit_code == 2 and "(light-x2)" in result.stderr
    result = upscale(photo, "--model", "light-x2", "--scale", 4)
    assert result.exit_code == 2 and "--scale 4: light-x2 enlarges 2 times" in result.stderr


def test_the_format_is_the_sources_unless_asked_for(photo: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.safetensors")
    for asked, kind in ((None, "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("avif", "AVIF"), ("tiff", "TIFF")):
        out = tmp_path / f"out-{asked}"
        succeeded(upscale(photo, "--model", weights, "-o", f"{out}/", *(["--format", asked] if asked else [])))
        (made,) = [path for path in out.iterdir() if not path.name.startswith(".")]
        with Image.open(made) as image:
            assert image.format == kind
    sizes = []
    for quality in (20, 95):
        succeeded(upscale(photo, "--model", weights, "-o", tmp_path / f"{quality}.jpg", "--quality", quality))
        sizes.append((tmp_path / f"{quality}.jpg").stat().st_size)
    assert sizes[0] < sizes[1] / 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tile", "huge"], "--tile huge: allowed: auto, off, or a number"),
        (["--tile", "4"], "--tile 4: this network takes tiles of 16 px or more"),
        (["--shard", "3/2"], "--shard 3/2: allowed: 1/2 to 2/2"),
        (["--shard", "half"], "--shard half: write it as 2/8"),
        (["--shard", "1/" + "9" * 5000], "9: write it as 2/8"),
        (["--precision", "fp16"], "--precision fp16 needs a GPU"),
        (["-o", "x.gif"], "x.gif: cannot be written in this format"),
        (["-o", "x.jpg", "--format", "png"], "x.jpg: is no name for --format png"),
        (["--model", "nothing"], "nothing: neither a file"),
        (["--scale", "2.5"], "enlarges 2 times; allowed: up to 2"),
        (["--scale", "0.5"], "--scale"),
        (["--width", "40", "--height", "30"], "--width 40, --height 30: give one of them"),
        (["--fit", "big"], "--fit big: write it as 4096x4096"),
        (["--strength", "2"], "--strength"),
    ],
)
def test_wrong_usage_is_one_line(options: list[str], said: str, photo: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.safetensors")
    result = upscale(photo, "--model", weights, *options)
    assert result.exit_code == 2 and said in result.stderr, result.output
    assert sorted(path.name for path in tmp_path.glob("photo*")) == ["photo.jpg"]


def test_photos_above_the_limit_are_refused_with_their_size(photo: Path, tmp_path: Path) -> None:
    result = upscale(photo, "--model", write_weights(tmp_path / "w.safetensors"), "--max-pixels", 100)
    assert result.exit_code == 1 and "20 x 14 = 280 pixels, more than --max-pixels 100 allows" in result.stderr


def test_a_folder_that_is_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    for number in range(4):
        Image.fromarray(draw(number, 9, 9, 3)).save(tmp_path / f"in/{number}.png")
    command = [tmp_path / "in", "--model", write_weights(tmp_path / "w.safetensors"), "-o", tmp_path / "out", "--json"]
    convert, calls = engine.Model.convert, []

    def stopped(self: engine.Model, *arguments: object) -> engine.ConvertedPhoto:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return convert(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.Model, "convert", stopped)
    result = upscale(*command)
    assert result.exit_code == 130 and "the same call goes on" in result.stderr and "Traceback" not in result.stderr
    lines = [json.loads(line) for line in succeeded(upscale(*command)).stdout.splitlines()]
    assert [line["state"] for line in lines] == ["skipped", "skipped", "written", "written"]
    assert len(calls) == 5, "none was computed twice"


def test_one_photo_through_pipes(photo: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.safetensors")
    arguments = ["upscale", "-", "--device", "cpu", "--model", str(weights)]
    out = CliRunner().invoke(app, arguments, input=photo.read_bytes(), catch_exceptions=False)
    assert out.exit_code == 0 and Image.open(io.BytesIO(out.stdout_bytes)).size == (40, 28)
    succeeded(upscale(photo, "--model", weights, "-o", tmp_path / "file.jpg"))
    assert out.stdout_bytes == (tmp_path / "file.jpg").read_bytes()
    there = upscale(photo, "--model", weights, "-o", "-", "--format", "png")
    assert Image.open(io.BytesIO(there.stdout_bytes)).format == "PNG"
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    refused = CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "mine.jpg")], input=photo.read_bytes())
    assert refused.exit_code == 2 and (tmp_path / "mine.jpg").read_bytes() == b"mine"
    assert upscale(tmp_path, "--model", weights, "-o", "-").exit_code == 2


def report(number: int, state: str = "written") -> PhotoReport:
    return PhotoReport(Job(Path(f"{number}.jpg"), Path(f"{number}.x2.jpg")), state, 40, 28, 1.0)  # type: ignore[arg-type]


def test_a_pipe_gets_plain_lines_and_a_terminal_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = io.StringIO()
    with BatchProgress(3, False, Console(file=plain, width=100)) as progress:
        progress.tell(report(0, "skipped"))
        progress.watch(0.5)
        progress.tell(report(1))
        progress.tell(report(2))
    first, second, third = plain.getvalue().splitlines()
    assert first == "[1/3] 0.jpg: skipped"
    assert second.startswith("[2/3] 1.jpg → 1.x2.jpg, 40 x 28 px, 1.0 s, 0:00:") and second.endswith(" left")
    assert third == "[3/3] 2.jpg → 2.x2.jpg, 40 x 28 px, 1.0 s"
    assert capsys.readouterr().out.split() == ["0.x2.jpg", "1.x2.jpg", "2.x2.jpg"]

    screen = io.StringIO()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    with BatchProgress(2, False, Console(file=screen, width=100, force_terminal=True, color_system=None)) as progress:
        progress.tell(report(0))
        progress.watch(0.5)
        progress.tell(report(1))
    assert "2/2" in screen.getvalue() and "1.jpg → 1.x2.jpg" in screen.getvalue()
    assert capsys.readouterr().out == "", "a second line would break the bar"


def test_help_is_quick_and_says_the_engines_own_limit() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['img2img', 'upscale', '--help']\n"
        "from img2img.cli.app import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'torch', 'numpy', 'PIL', 'cv2'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert "--scale" in done.stdout and f"[default: {images.DEFAULT_MAX_PIXELS}]" in done.stdout


def test_options_from_a_file_and_from_the_command_line(photo: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.safetensors")
    text = f"max_pixels = 100\nsources = ['{photo}']\n[model]\nmodel = '{weights}'\n[photos]\njson = true\n"
    (tmp_path / "c.toml").write_text(text)
    refused = upscale("--config", tmp_path / "c.toml")
    assert refused.exit_code == 1 and "more than --max-pixels 100 allows" in refused.stderr
    made = succeeded(upscale("--config", tmp_path / "c.toml", "--max-pixels", 1000))
    assert json.loads(made.stdout)["state"] == "written" and size(tmp_path / "photo.x2.jpg") == (40, 28)


def test_very_long_and_foreign_names(tmp_path: Path) -> None:
    source = tmp_path / ("写真 é " + "x" * 220 + ".png")
    Image.fromarray(draw(0, 9, 9, 3)).save(source)
    result = succeeded(upscale(source, "--model", write_weights(tmp_path / "w.safetensors")))
    target = Path(result.stdout.strip())
    assert target.name.startswith("写真 é xxx") and target.name.endswith("x.x2.png") and size(target) == (18, 18)


def test_transparency_gets_no_halo(tmp_path: Path) -> None:
    pixels = np.zeros((24, 24, 4), np.uint8)
    pixels[6:18, 6:18] = (250, 250, 250, 255)  # white on a black that nobody sees
    Image.fromarray(pixels).save(tmp_path / "p.png")
    succeeded(upscale(tmp_path / "p.png", "--model", write_weights(tmp_path / "w.safetensors")))
    made = np.asarray(Image.open(tmp_path / "p.x2.png")).astype(int)
    seen = made[made[..., 3] > 30]
    black = made[..., :3][made[..., 3] == 0]
    assert np.abs(seen[:, :3] - np.median(seen[:, :3], axis=0)).max() <= 60 and len(black) > 500
