"""Options of the commands that apply a model: what may be written, from the command line and from a file."""

from __future__ import annotations

import pytest

from img2img.config.apply import InpaintConfig, SampleConfig, TranslateConfig, UpscaleConfig
from img2img.config.evaluate import EvaluateSrConfig
from img2img.config.toml import ConfigError, read_toml, resolve, to_toml

PHOTOS = {"photos": {"sources": ["a.jpg"]}}


@pytest.mark.parametrize(("given", "tile"), [("auto", "auto"), ("off", "off"), ("512", 512), (64, 64)])
def test_tiles(given, tile):
    assert resolve(UpscaleConfig, PHOTOS, {"computing": {"tile": given}}).computing.tile == tile


@pytest.mark.parametrize("given", ["huge", "0", "-3", "1.5", "", "00", "9" * 99])
def test_tiles_that_are_none(given):
    with pytest.raises(ConfigError, match=f"--tile {given}: allowed: auto, off, or a number of px"):
        resolve(UpscaleConfig, PHOTOS, {"computing": {"tile": given}})


@pytest.mark.parametrize(
    ("config", "section", "option", "value"),
    [
        (UpscaleConfig, "photos", "out", ""),
        (UpscaleConfig, "photos", "sources", [""]),
        (UpscaleConfig, "photos", "out", "a\0b"),
        (UpscaleConfig, "model", "model", ""),
        (InpaintConfig, "mask", "mask", ""),
        (EvaluateSrConfig, "pictures", "reference", ""),
        (EvaluateSrConfig, "pictures", "reference", "a\0b"),
    ],
)
def test_what_can_be_no_name_is_refused(config, section, option, value):
    """An empty path is the folder where one stands: `upscale "$PHOTOS"` with no such variable would take all of it."""
    with pytest.raises(ConfigError) as raised:
        resolve(config, PHOTOS if "photos" in config.model_fields else {}, {section: {option: value}})
    flag = "SOURCES" if option == "sources" else f"--{option}"
    why = "no name has a NUL" if "a\0b" in value else "is empty"
    assert flag in str(raised.value) and why in str(raised.value) and "tuple" not in str(raised.value)


@pytest.mark.parametrize(("sources", "said"), [("a.jpg", "SOURCES a.jpg: write a list"), ([], "SOURCES is required")])
def test_sources_in_a_file_are_a_list(sources, said):
    with pytest.raises(ConfigError, match=said):
        resolve(UpscaleConfig, {"photos": {"sources": sources}})


@pytest.mark.parametrize(
    ("config", "given", "said"),
    [
        (UpscaleConfig, {}, "SOURCES is required"),
        (TranslateConfig, PHOTOS, "--model is required"),
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
