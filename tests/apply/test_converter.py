"""`img2img.load`: whatever a notebook has, and the same kind back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from support.drawing import draw
from support.upscalers import write_weights

import img2img
from img2img.apply.batch.plan import PlanError
from img2img.apply.converter import Converter
from img2img.apply.picture_kinds import KindError
from img2img.images import ImageError


@pytest.fixture(scope="module")
def enlarge(tmp_path_factory: pytest.TempPathFactory) -> Converter:
    return img2img.load(write_weights(tmp_path_factory.mktemp("w") / "w.safetensors"), device="cpu", precision="fp32")


def test_importing_the_package_leaves_torch_alone() -> None:
    code = "import sys, img2img; assert callable(img2img.load); assert not {'torch', 'numpy', 'PIL'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_path_gives_a_path(enlarge: Converter, tmp_path: Path) -> None:
    source = tmp_path / "p.png"
    Image.fromarray(draw(0, 9, 12, 3)).save(source)
    assert enlarge(source) == tmp_path / "p.x2.png" and enlarge(str(source)) == str(tmp_path / "p.x2.png")
    assert enlarge(source, out=tmp_path / "other.jpg").exists()
    (tmp_path / "p.x2.png").write_bytes(b"mine")
    with pytest.raises(PlanError, match="exists already"):
        enlarge(source)
    enlarge(source, on_existing="overwrite")
    assert Image.open(tmp_path / "p.x2.png").size == (24, 18)
    (tmp_path / "t.jpg").write_text("text")
    with pytest.raises(ImageError, match="no picture that can be read"):
        enlarge(tmp_path / "t.jpg")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_an_image_gives_an_image(enlarge: Converter, mode: str) -> None:
    if mode == "I;16":
        given = Image.fromarray(draw(0, 9, 12, 1, 16)[..., 0])
    elif mode in ("LA", "RGBA", "PA"):
        given = Image.fromarray(draw(0, 9, 12, 4)).convert(mode)
    else:
        given = Image.fromarray(draw(0, 9, 12, 3)).convert(mode)
    made = enlarge(given)
    back = {"1": "L", "P": "RGB", "PA": "RGBA", "CMYK": "RGB", "YCbCr": "RGB"}.get(mode, mode)
    assert made.mode == back and made.size == (24, 18)


def test_an_image_is_turned_and_keeps_its_profile(enlarge: Converter, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(draw(0, 9, 12, 3)).save(tmp_path / "p.jpg", exif=exif, icc_profile=b"profile")
    made = enlarge(Image.open(tmp_path / "p.jpg"))
    assert made.size == (18, 24) and made.info["icc_profile"] == b"profile"
    assert made.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 4])
def test_an_array_gives_an_array(enlarge: Converter, dtype: type, channels: int | None) -> None:
    whole = draw(0, 9, 12, channels or 1)
    given = whole.astype(dtype) * {np.uint8: 1, np.uint16: 257}.get(dtype, 1)
    if np.issubdtype(dtype, np.floating):
        given = given / dtype(255)
    given = given[..., 0] if channels is None else given
    made = enlarge(given)
    assert made.dtype == given.dtype
    assert made.shape == ((18, 24) if channels is None else (18, 24, channels))
    top = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1.0
    reference = enlarge(whole)[..., 0] if channels is None else enlarge(whole)
    assert np.abs(made / top - reference / 255).max() < 0.51 / 255


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.uint8])
def test_a_tensor_gives_a_tensor(enlarge: Converter, dtype: torch.dtype) -> None:
    whole = torch.from_numpy(draw(0, 9, 12, 3)).permute(2, 0, 1)
    given = whole if dtype == torch.uint8 else (whole / 127.5 - 1).to(dtype)
    made = enlarge(given)
    assert made.dtype == dtype and made.shape == (3, 18, 24)
    reference = torch.from_numpy(enlarge(draw(0, 9, 12, 3))).permute(2, 0, 1)
    in_bytes = made.float() if dtype == torch.uint8 else (made.float() + 1) * 127.5
    assert (in_bytes - reference).abs().max() <= (1 if dtype in (torch.uint8, torch.float16) else 0.51)
    batch = enlarge(torch.stack([given, given.flip(2)]))
    assert torch.equal(batch[0], made) and batch.shape == (2, 3, 18, 24)
    assert enlarge(given[:1]).shape == (1, 18, 24), "grey stays grey"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((3, 5, 5, 3), np.uint8), r"shape \(3, 5, 5, 3\)"),
        (np.zeros((5, 5, 7), np.uint8), r"shape \(5, 5, 7\)"),
        (np.zeros((5, 5), np.int64), "an array of int64"),
        (np.full((5, 5), 200.0), "values from 200 to 200; allowed: 0 to 1"),
        (np.full((5, 5), np.nan), "values from nan"),
        (torch.zeros(5, 5), r"shape \(5, 5\)"),
        (torch.zeros(3, 5, 5, dtype=torch.int32), "a tensor of torch.int32"),
        (torch.full((3, 5, 5), 255.0), "allowed: -1 to 1"),
        (Image.new("F", (5, 5)), "mode F"),
        ([1, 2, 3], "a list; allowed: a path"),
    ],
)
def test_other_kinds_are_refused(enlarge: Converter, given: object, said: str) -> None:
    with pytest.raises(KindError, match=said):
        enlarge(given)  # type: ignore[type-var]


def test_the_task_is_what_the_weights_are_for(tmp_path: Path) -> None:
    from img2img.config.card import ModelCard, NetworkCard
    from img2img.config.networks.translators import ResnetSpec
    from img2img.networks import build
    from img2img.weights.files import save

    spec = ResnetSpec(width=2, blocks=1)
    cards = {name: NetworkCard(spec=spec, target=name) for name in ("prints", "photos")}
    path = tmp_path / "t.safetensors"
    save(path, {name: build(spec) for name in cards}, ModelCard(task="translate", networks=cards))
    translate = img2img.load(path, to="prints", device="cpu")
    assert translate.size_of(9, 7) == (9, 7) and "translate" in repr(translate)
    assert translate(draw(0, 9, 12, 3)).shape == (9, 12, 3)
    with pytest.raises(ValueError, match="say --to"):
        img2img.load(path, device="cpu")
    with pytest.raises(ValueError, match="holds weights to translate, not to upscale"):
        img2img.load(path, task="upscale", device="cpu")
    three = img2img.load(write_weights(tmp_path / "x4.safetensors", scale=4), scale=3, device="cpu")
    assert three(draw(0, 5, 6, 3)).shape == (15, 18, 3)
