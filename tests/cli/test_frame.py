"""The frame of the command line: fast help, one spelling, one line for wrong usage."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.running import img2img

from img2img.config.apply import InpaintConfig, MaskConfig, SampleConfig, ShowConfig, TranslateConfig, UpscaleConfig
from img2img.config.base import section_of
from img2img.config.data_commands import CheckConfig, PreviewConfig
from img2img.config.evaluate import EvaluateImagesConfig, EvaluateTranslateConfig
from img2img.config.studio import StudioConfig
from img2img.config.toml import ConfigError, read_toml, resolve, to_toml
from img2img.config.train.bicyclegan import BicycleganConfig
from img2img.config.train.cyclegan import CycleganConfig
from img2img.config.train.munit import MunitConfig
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.config.train.stargan import StarganConfig
from img2img.config.train.unit import UnitConfig

CONFIGS = [
    Pix2pixConfig,
    CycleganConfig,
    StarganConfig,
    BicycleganConfig,
    UnitConfig,
    MunitConfig,
    CheckConfig,
    PreviewConfig,
    EvaluateImagesConfig,
    EvaluateTranslateConfig,
]
CONFIGS += [UpscaleConfig, TranslateConfig, InpaintConfig, MaskConfig, SampleConfig, ShowConfig, StudioConfig]


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["train", "--help"], ["train", "cyclegan", "--help"], ["evaluate", "images", "--help"], ["--version"]],
)
def test_help_never_imports_torch(arguments):
    code = (
        "import sys\n"
        f"sys.argv = ['img2img', *{arguments!r}]\n"
        "from img2img.cli.app import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'torch', 'torchvision', 'kornia', 'cv2', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


def test_the_list_of_commands_waits_for_no_option():
    code = (
        "import sys\n"
        "sys.argv = ['img2img', '--help']\n"
        "from img2img.cli.app import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert 'pydantic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("config", CONFIGS)
def test_every_option_has_help_and_a_name_of_its_own(config):
    assert section_of(config)
    for section in config.model_fields.values():
        for name, field in section.annotation.model_fields.items():
            assert field.description and field.description.strip().endswith((".", "]")), name


@pytest.mark.parametrize("config", CONFIGS)
def test_every_preset_is_a_config(config):
    for name in config.presets:
        resolve(config, config.presets[name])


@pytest.mark.parametrize("config", [Pix2pixConfig, CycleganConfig])
def test_toml_there_and_back(config, tmp_path):
    made = resolve(config, config.presets["paper"], {"run": {"out": 'runs/ä"b', "time_limit": "9m"}})
    (tmp_path / "c.toml").write_text(to_toml(made), encoding="utf-8")
    assert resolve(config, read_toml(tmp_path / "c.toml", config)) == made


def test_the_papers_to_the_letter():
    pix2pix = resolve(Pix2pixConfig, Pix2pixConfig.presets["paper"])
    assert (pix2pix.data.loaded_side, pix2pix.data.size, pix2pix.data.fit) == (286, 256, "stretch")
    assert (pix2pix.optimisation.lr, pix2pix.optimisation.beta1, pix2pix.optimisation.batch_size) == (2e-4, 0.5, 1)
    assert (pix2pix.objective.l1, pix2pix.networks.dropout, pix2pix.objective.pool) == (100, 0.5, 0)
    cyclegan = resolve(CycleganConfig, CycleganConfig.presets["paper"])
    assert (cyclegan.objective.game, cyclegan.objective.cycle, cyclegan.objective.pool) == ("lsgan", 10, 50)
    assert cyclegan.networks.generator_spec(256, 3, 3).blocks == 9
    assert cyclegan.networks.generator_spec(128, 3, 3).blocks == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "cyclegan", "--a", "x", "--b", "y", "--batch-size", "0"], "--batch-size 0: input should be greater"),
        (["train", "cyclegan", "--time-limit", "9 minutes"], "'9 minutes' is no duration"),
        (["train", "pix2pix", "--steps", "3", "--device", "cuda:7", "--pairs", "."], "--device cuda:7"),
        (["train", "pix2pix", "--config", "nothing.toml"], "nothing.toml: no such file"),
        (["train", "pix2pix", "--resume"], "name it with --out"),
        (["train", "pix2pix"], "give --pairs DIR"),
        (["train", "pix2pix", "--critic-layers", "9"], "--critic-layers 9"),
        (["data", "check"], "one of --pairs DIR, --a DIR --b DIR, --data DIR"),
        (["data", "preview", "--images", ".", "--out", "x.gif"], "x.gif: ends in .gif; allowed: .png"),
        (["translate", "nothing.jpg"], "--model is required"),
        (["sample"], "--model is required"),
        (["inpaint", "nothing.jpg"], "--mask is required"),
        (["upscale"], "SOURCES is required"),
        (["translate", "nothing.jpg", "--model", "nothing"], "nothing: neither a file, nor a run's folder"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(arguments, said):
    result = img2img(*arguments)
    assert result.exit_code == 2, result.output
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and said in errors[0], result.stderr


def test_an_unknown_option_in_a_file_is_named(tmp_path):
    (tmp_path / "c.toml").write_text("[run]\nstepz = 3\n")
    with pytest.raises(ConfigError, match="unknown option 'stepz'"):
        resolve(Pix2pixConfig, read_toml(tmp_path / "c.toml", Pix2pixConfig))


def test_options_win_over_the_file_and_the_file_over_the_preset(pairs, tmp_path):
    (tmp_path / "c.toml").write_text("lr = 0.01\nl1 = 7\n")
    options = ["--preset", "quick", "--config", tmp_path / "c.toml", "--l1", 9, "--steps", 1, "--size", 16]
    result = img2img("train", "pix2pix", "--pairs", pairs, *options, "--levels", 2, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    said = (tmp_path / "run/config.toml").read_text()
    assert "lr = 0.01" in said and "l1 = 9.0" in said and "width = 32" in said
