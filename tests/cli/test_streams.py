"""Photos from pipes and results to pipes, devices and terminals."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.drawing import draw
from support.upscalers import write_weights

from img2img.images.in_a_row import pictures_in


def packed(seed: int, kind: str = "PNG", side: int = 8) -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw(seed, side, side)).save(out, kind)
    return out.getvalue()


def img2img(*arguments: object, stdin: bytes | None = b"", shell: str = "") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "img2img", *map(str, arguments)]
    if shell:
        command = ["bash", "-c", shell, "bash", *command]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "x2.safetensors")


def said(result: subprocess.CompletedProcess[bytes], code: int) -> str:
    assert result.returncode == code, result.stderr.decode()
    assert result.stderr.count(b"\n") == 1 and b"Traceback" not in result.stderr
    return result.stderr.decode()


@pytest.mark.parametrize("padding", [b"", b"\0\0", b"\n"])
def test_a_stream_of_pictures_is_taken_apart(padding: bytes) -> None:
    files = [packed(1), packed(2, "JPEG"), packed(3, "WEBP"), packed(4, "JPEG", 40), packed(5)]
    found = pictures_in(padding.join(files))
    assert len(found) == 5
    assert [part.rstrip(b"\0\n") for part in found] == [file.rstrip(b"\0\n") for file in files]


def test_what_lies_behind_a_picture_belongs_to_it() -> None:
    assert pictures_in(packed(1) + b"a phone's film") == [packed(1) + b"a phone's film"]
    assert pictures_in(packed(1, "TIFF") + packed(2)) == [packed(1, "TIFF") + packed(2)]
    assert pictures_in(packed(1, "JPEG")[:-300]) == [packed(1, "JPEG")[:-300]]
    assert pictures_in(b"") == [b""]


def test_the_previews_of_a_phones_jpeg_are_no_pictures_of_their_own() -> None:
    out = io.BytesIO()
    Image.fromarray(draw(1)).save(out, "MPO", save_all=True, append_images=[Image.fromarray(draw(2))])
    found = pictures_in(out.getvalue() + packed(3, "JPEG"))
    assert found == [out.getvalue(), packed(3, "JPEG")]


@pytest.mark.parametrize("out", ["made/", "made-%03d.png"])
def test_several_pictures_from_stdin(out: str, weights: Path, tmp_path: Path) -> None:
    result = img2img(
        "upscale", "-", "--model", weights, "--device", "cpu", "-o", f"{tmp_path}/{out}", "--json",
        stdin=packed(1) + packed(2, side=10),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["width"] for one in told] == [16, 20]
    assert [Image.open(one["target"]).size for one in told] == [(16, 16), (20, 20)]
    names = ["1.png", "2.png"] if out == "made/" else ["made-001.png", "made-002.png"]
    assert [Path(one["target"]).name for one in told] == names


@pytest.mark.parametrize("head", [b"", b"\xff", b"\xff\xe0\0\4ab\xff", b"\xff\xe2\0\x07MPF"])
def test_a_jpeg_that_ends_in_its_head_is_all_the_rest(head: bytes) -> None:
    assert pictures_in(b"\xff\xd8\xff" + head) == [b"\xff\xd8\xff" + head]


def test_no_picture_of_a_stream_is_the_end_of_the_rest(weights: Path, tmp_path: Path) -> None:
    """The first is damaged, the second too large for the option, the third's place is taken, the fourth is good."""
    damaged = bytearray(packed(1))
    damaged[60] ^= 255
    (tmp_path / "3.png").write_bytes(b"somebody's")
    options = ["--model", weights, "--device", "cpu", "-o", f"{tmp_path}/", "--width", "16", "--json", "--quiet"]
    result = img2img("upscale", "-", *options, stdin=bytes(damaged) + packed(2, side=40) + packed(3) + packed(4))
    assert result.returncode == 1 and b"Traceback" not in result.stderr
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["state"] for one in told] == ["failed", "failed", "failed", "written"]
    for number, (one, why) in enumerate(
        zip(told, ("checksum", "--width 16 would make", "exists already"), strict=False), 1
    ):
        assert one["error"].startswith(f"picture {number} of 4: ") and why in one["error"]
    assert len(result.stderr.splitlines()) == 4 and b"3 of 4 photos failed" in result.stderr
    assert (tmp_path / "3.png").read_bytes() == b"somebody's" and Image.open(tmp_path / "4.png").size == (16, 16)


def test_errors_call_a_stream_as_it_was_named_and_notes_are_quiet(weights: Path, tmp_path: Path) -> None:
    command = ["upscale", "-", "--model", weights, "--device", "cpu", "--quiet", "-o"]
    assert said(img2img(*command, tmp_path / "a.png", stdin=b"\xff\xd8\xff"), 2).startswith("error: -: damaged")
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (9, 9, 9, 99)).save(out, "PNG")
    result = img2img(*command, tmp_path / "a.jpg", stdin=out.getvalue())
    assert (result.returncode, result.stderr) == (0, b""), result.stderr


def test_what_is_left_of_a_stream_is_told_in_json(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"somebody's")
    options = ["--model", weights, "--device", "cpu", "-o", f"{tmp_path}/", "--on-existing", "skip", "--json"]
    result = img2img("upscale", "-", *options, stdin=packed(1) + packed(2))
    assert result.returncode == 0, result.stderr
    assert [json.loads(line)["state"] for line in result.stdout.splitlines()] == ["skipped", "written"]
    assert (tmp_path / "1.png").read_bytes() == b"somebody's"


def test_a_number_in_a_name_has_few_digits(weights: Path, tmp_path: Path) -> None:
    """A name of a billion letters took 46 s and 1 GB."""
    command = ["upscale", "-", "--model", weights, "--device", "cpu", "-o", tmp_path / "%0999999999d.png"]
    assert "takes one" in said(img2img(*command, stdin=packed(1) + packed(2)), 2)


def test_several_pictures_do_not_fit_one_place(weights: Path, tmp_path: Path) -> None:
    for out in (["-o", tmp_path / "one.png"], []):
        result = img2img("upscale", "-", "--model", weights, *out, "--device", "cpu", stdin=packed(1) + packed(2))
        assert "holds 2 pictures" in said(result, 2)
    assert list(tmp_path.iterdir()) == []


def test_pipes_devices_and_files_without_an_ending(weights: Path, tmp_path: Path) -> None:
    """One process after the other in one shell, as each takes seconds to start."""
    photo, script = tmp_path / "a.png", tmp_path / "go.sh"
    photo.write_bytes(packed(1))
    (tmp_path / "there").write_bytes(b"old")
    run = f'"{sys.executable}" -m img2img upscale --model "{weights}" --device cpu'
    script.write_text(
        f"""cd "{tmp_path}"
{run} <(cat a.png) -o sub.png || exit 11
{run} /dev/stdin -o in.png < a.png || exit 12
{run} a.png -o /dev/null || exit 13
mkfifo pipe; cat pipe > piped.png & {run} a.png -o pipe || exit 14; wait
{run} a.png -o there && exit 15
{run} a.png -o there --on-existing overwrite || exit 16
{run} a.png -o - --json > out.png 2> told || exit 17
{run} - <&- && exit 18
exit 0
"""
    )
    result = subprocess.run(["bash", script], capture_output=True, timeout=300)
    assert result.returncode == 0, result.stderr.decode()
    sizes = {name: Image.open(tmp_path / name).size for name in ("sub.png", "in.png", "piped.png", "there", "out.png")}
    assert set(sizes.values()) == {(16, 16)}
    assert json.loads((tmp_path / "told").read_text())["width"] == 16
    assert not Path("/dev/null.png").exists() and not (tmp_path / "there.png").exists()
    assert b"stdin is closed" in result.stderr and b"Traceback" not in result.stderr


def test_a_picture_is_no_text_for_a_terminal(weights: Path, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    (tmp_path / "a.png").write_bytes(packed(1))
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "img2img", "upscale", tmp_path / "a.png", "--model", weights, "-o", "-"]
    result = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, timeout=120)
    os.close(terminal)
    os.close(main)
    assert result.returncode == 2 and b"terminal" in result.stderr


def test_any_name_goes_through_to_its_result_and_to_scripts(weights: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    stems = [b"caf\xe9", b"caf\xe8", "e\u0301".encode(), b"two\nlines", b"\x1b[31mred", "\u202egnp".encode(), b"a  b"]
    for number, stem in enumerate(stems):
        Path(os.fsdecode(os.fsencode(photos) + b"/" + stem + b".png")).write_bytes(packed(number))
    out = tmp_path / "out"
    result = img2img("upscale", photos, "--model", weights, "-o", out, "--device", "cpu", "--json")
    assert result.returncode == 0, result.stderr
    assert b"\x1b" not in result.stderr
    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert sorted(os.fsencode(Path(one["target"]).stem) for one in told) == sorted(stems)
    assert all(Path(one["target"]).is_file() for one in told)
    again = img2img("upscale", photos, "--model", weights, "-o", out, "--device", "cpu", "--quiet")
    assert again.stderr == b""
    assert os.fsencode(out) + b"/caf\xe9.png\n" in again.stdout
    assert np.array(Image.open(out / "a  b.png")).shape == (16, 16, 3)


@pytest.mark.parametrize("command", [["weights", "export", "--help"], ["weights", "info", "photo-x4"]])
def test_a_reader_that_has_gone_is_no_error(command: list[str]) -> None:
    """As `| head` does, which reads a few lines and leaves."""
    with subprocess.Popen(
        [sys.executable, "-m", "img2img", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
