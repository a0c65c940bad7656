"""Options of the commands that apply a model: what may be written, from the command line and from a file."""

from __future__ import annotations

import pytest

from img2img.config.apply import InpaintConfig, SampleConfig, TranslateConfig, UpscaleConfig
from img2img.config.toml import ConfigError, read_toml, resolve, to_toml

PHOTOS = {"photos": {"sources": ["a.jpg"]}}


@pytest.mark.parametrize(("given", "tile"), [("auto", "auto"), ("off", "off"), ("512", 512), (64, 64)])
def test_tiles(given, tile):
    assert resolve(UpscaleConfig, PHOTOS, {"computing": {"tile": given}}).computing.tile == tile


@pytest.mark.parametrize("given", ["huge", "0", "-3", "1.5", ""])
def test_tiles_that_are_none(given):
    with pytest.raises(ConfigError, match=f"--tile {given}: allowed: auto, off, or a number of px"):
        resolve(UpscaleConfig, PHOTOS, {"computing": {"tile": given}})


@pytest.mark.parametrize(
    ("config", "given", "said"),
    [
        (UpscaleConfig, {}, "SOURCES is required"),
        (TranslateConfig, PHOTOS, "--model is required"),
        (InpaintConfig, PHOTOS, "--mask is required"),
        (SampleConfig, {}, "--model is required"),
        (UpscaleConfig, PHOTOS | {"model": {"scale": 9}}, "--scale 9: input should be less than or equal to 8"),
        (SampleConfig, {"samples": {"model": "x", "number": 0}}, "--number 0: input should be greater than"),
    ],
)
def test_what_is_missing_or_out_of_range_is_named(config, given, said):
    with pytest.raises(ConfigError, match=said):
        resolve(config, given)


def test_a_file_says_what_the_flags_do(tmp_path):
    (tmp_path / "c.toml").write_text('json = true\nmax_pixels = 100\n[model]\nmodel = "w.safetensors"\n')
    made = resolve(UpscaleConfig, read_toml(tmp_path / "c.toml", UpscaleConfig), PHOTOS)
    assert made.photos.as_json and made.photos.max_pixels == 100 and made.model.model == "w.safetensors"
    assert made.photos.sources == ("a.jpg",)


@pytest.mark.parametrize("config", [UpscaleConfig, TranslateConfig, InpaintConfig, SampleConfig])
def test_toml_there_and_back(config, tmp_path):
    needed = {"photos": {"sources": ["a b.jpg", "-"]}, "samples": {"model": "m"}}
    needed |= {"mask": {"mask": "alpha"}, "model": {"model": "m"}}
    made = resolve(config, {section: options for section, options in needed.items() if section in config.model_fields})
    (tmp_path / "c.toml").write_text(to_toml(made), encoding="utf-8")
    assert resolve(config, read_toml(tmp_path / "c.toml", config)) == made
