"""The options of `train srgan`: phases and rates, the paper's preset, what the networks are asked for."""

from __future__ import annotations

import pytest

from img2img.config.networks.critics import SRGANCriticSpec
from img2img.config.networks.upscalers import LightSRSpec, RRDBSpec, SRResNetSpec
from img2img.config.sections.perceptual import layer_weights
from img2img.config.sections.two_phases import ADVERSARIAL, PRETRAINING, LongRun
from img2img.config.toml import ConfigError, resolve
from img2img.config.train.srgan import SrganConfig, SrganNetworks, SrganOptimisation
from img2img.training.step.schedule import phase_at, rate_factor


def test_layers_are_read_with_their_weights() -> None:
    assert layer_weights("conv5_4") == {"conv5_4": 1.0}
    assert layer_weights("conv1_2:0.1, relu3_4,relu5_4:2") == {"conv1_2": 0.1, "relu3_4": 1.0, "relu5_4": 2.0}


@pytest.mark.parametrize(
    ("layers", "complaint"),
    [
        ("conv3_5", "'conv3_5' is no layer of VGG19"),
        ("", "'' is no layer"),
        ("conv1_1:x", "'x' is no weight"),
        ("conv1_1:0", "must be above 0"),
        ("conv1_1,conv1_1:2", "named twice"),
    ],
)
def test_layers_that_are_none_are_named(layers: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=f"--perceptual-layers.*{complaint}"):
        resolve(SrganConfig, {"objective": {"perceptual_layers": layers}})


def test_the_papers_preset_is_the_paper() -> None:
    config = resolve(SrganConfig, SrganConfig.presets["paper"])
    assert config.networks.generator_spec(3) == SRResNetSpec()
    assert config.networks.critic_spec(3) == SRGANCriticSpec()
    optimisation, total = config.optimisation, config.run.length(1)
    phases = optimisation.with_length(total).phases(total)
    rates = {}
    for step in (0, 999_999, 1_000_000, 1_099_999, 1_100_000, 1_199_999):
        phase = phase_at(phases, step)
        factor = rate_factor(phase.schedule, step - phase.first, phase.length, optimisation.decay_from)
        rates[step] = (phase.name, round(optimisation.lr * phase.rate * factor, 12))
    assert rates == {
        0: (PRETRAINING, 1e-4),
        999_999: (PRETRAINING, 1e-4),
        1_000_000: (ADVERSARIAL, 1e-4),
        1_099_999: (ADVERSARIAL, 1e-4),
        1_100_000: (ADVERSARIAL, 1e-5),
        1_199_999: (ADVERSARIAL, 1e-5),
    }


def test_the_pretraining_is_half_of_the_run_unless_said_otherwise() -> None:
    optimisation = SrganOptimisation()
    assert [phase.length for phase in optimisation.phases(1001)] == [500, 501]
    assert optimisation.with_length(1000).with_length(4000).pretrain_steps == 500, "a longer resume does not move it"
    assert [phase.name for phase in SrganOptimisation(start_from="x").phases(9)] == [ADVERSARIAL]
    assert [phase.name for phase in SrganOptimisation(pretrain_steps=20).phases(9)] == [PRETRAINING]


def test_each_phase_has_its_own_rate() -> None:
    first, second = SrganOptimisation(lr=1e-4, pretrain_lr=1e-3, pretrain_schedule="cosine").phases(10)
    assert abs(first.rate - 10) < 1e-12 and second.rate == 1
    assert (first.schedule, second.schedule) == ("cosine", "linear")


def test_the_length_of_a_run() -> None:
    assert [LongRun().length(7), LongRun(steps=5).length(7), LongRun(epochs=2).length(7)] == [100_000, 5, 14]


@pytest.mark.parametrize(
    ("options", "spec"),
    [
        ({"generator": "light"}, LightSRSpec()),
        ({"generator": "light", "width": 8, "blocks": 2, "scale": 2}, LightSRSpec(width=8, blocks=2, scale=2)),
        ({"generator": "light", "head": "steps", "scale": 1}, LightSRSpec(head="steps", scale=1)),
        ({"generator": "rrdb", "scale": 3}, RRDBSpec(scale=3)),
        ({}, SRResNetSpec(norm="none")),
    ],
)
def test_generators_keep_their_own_defaults(options, spec) -> None:
    assert SrganNetworks(**options).generator_spec(3) == spec


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"generator": "rrdb", "norm": "batch"}, "--norm batch goes with --generator srresnet"),
        ({"generator": "rrdb", "head": "steps"}, "--head steps goes with --generator light"),
        ({"scale": 1}, "--scale 1 goes with --generator light"),
        ({"critic": "unet", "critic_norm": "batch"}, "--critic-norm batch: the unet critic takes none or spectral"),
    ],
)
def test_what_a_network_does_not_have_is_refused(options, complaint) -> None:
    networks = SrganNetworks(**options)
    with pytest.raises(ValueError, match=complaint):
        networks.generator_spec(3)
        networks.critic_spec(3)
