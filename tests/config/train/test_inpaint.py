"""The options of `train inpaint`: the papers' presets, and what the networks are asked for."""

from __future__ import annotations

import math

import pytest

from img2img.config.base import Refusal
from img2img.config.networks.critics import (
    AutoencoderSpec,
    ContextCriticSpec,
    GlobalLocalSpec,
    PatchSpec,
    SNPatchSpec,
    UNetCriticSpec,
)
from img2img.config.networks.inpainters import ContextEncoderSpec, GatedSpec, LightInpaintSpec
from img2img.config.toml import resolve
from img2img.config.train.inpaint import InpaintConfig, InpaintNetworks


def test_the_papers_preset_is_deepfill_v2() -> None:
    config = resolve(InpaintConfig, InpaintConfig.presets["paper"])
    assert config.networks.generator_spec(config.data.size, 3) == GatedSpec()
    assert config.networks.critic_spec(3) == SNPatchSpec()
    objective, optimisation = config.objective, config.optimisation
    assert (objective.game, objective.adversarial, objective.pixel_cost) == ("hinge", 1.0, "l1")
    assert (objective.hole_pixels, objective.known_pixels, objective.coarse, objective.perceptual) == (1, 1, 1, 0)
    assert (optimisation.batch_size, optimisation.lr, config.data.size) == (16, 1e-4, 256)
    assert (optimisation.beta1, optimisation.beta2) == (0.5, 0.999)
    assert [phase.name for phase in optimisation.phases(10)] == ["adversarial"]
    masks = config.masks
    assert masks.entries() == {("boxes", "strokes"): 1.0}
    assert (masks.most_boxes, 256 * masks.smallest_box, 256 * masks.largest_box) == (1, 96, 128)
    assert (masks.most_strokes, 256 * masks.thinnest_stroke, 256 * masks.thickest_stroke) == (3, 12, 40)


def test_the_context_encoders_preset_is_its_paper() -> None:
    config = resolve(InpaintConfig, InpaintConfig.presets["context-encoder"])
    assert config.networks.generator_spec(config.data.size, 3) == ContextEncoderSpec(bottleneck=4000)
    assert config.networks.critic_spec(3) == ContextCriticSpec()
    objective, optimisation = config.objective, config.optimisation
    assert abs(objective.hole_pixels + objective.adversarial - 1) < 1e-9 and objective.hole_pixels == 0.999
    assert (objective.pixel_cost, objective.known_pixels) == ("mse", 0.0)
    assert (objective.overlap, objective.overlap_weight) == (4, 10.0)
    assert optimisation.critic_lr is not None and abs(optimisation.lr - 10 * optimisation.critic_lr) < 1e-12
    hole = math.sqrt(config.masks.smallest_hole) * config.data.size
    assert hole + 2 * objective.overlap == config.data.size / 2
    assert config.masks.largest_hole == config.masks.smallest_hole


@pytest.mark.parametrize("name", InpaintConfig.presets)
def test_every_preset_has_networks_that_take_its_pictures(name: str) -> None:
    config = resolve(InpaintConfig, InpaintConfig.presets[name])
    for spec in (config.networks.generator_spec(config.data.size, 3), config.networks.critic_spec(3)):
        assert config.data.size % spec.needs.multiple_of == 0 and config.data.size >= spec.needs.minimum
    assert config.masks.entries()


@pytest.mark.parametrize(
    ("options", "spec"),
    [
        ({}, GatedSpec(channels=1)),
        ({"stages": 1, "width": 8}, GatedSpec(channels=1, stages=1, width=8)),
        ({"attention": False}, GatedSpec(channels=1, attention=False)),
        ({"generator": "light"}, LightInpaintSpec(channels=1, slope=0.2, noise=True)),
        ({"generator": "light", "slope": 0.0, "noise": False}, LightInpaintSpec(channels=1)),
        (
            {"generator": "light", "blocks": 2, "width": 8},
            LightInpaintSpec(channels=1, blocks=2, width=8, slope=0.2, noise=True),
        ),
        ({"generator": "context-encoder"}, ContextEncoderSpec(channels=1, size=64)),
    ],
)
def test_generators_keep_their_own_defaults(options, spec) -> None:
    assert InpaintNetworks(**options).generator_spec(64, 1) == spec


@pytest.mark.parametrize(
    ("options", "spec"),
    [
        ({}, SNPatchSpec(input_channels=1)),
        ({"critic": "global-local", "critic_layers": 3}, GlobalLocalSpec(input_channels=1, layers=3)),
        ({"critic": "context", "critic_width": 8}, ContextCriticSpec(input_channels=1, width=8)),
        ({"critic": "unet", "critic_norm": "none"}, UNetCriticSpec(input_channels=1, given_channels=1, norm="none")),
        ({"critic": "patch"}, PatchSpec(input_channels=1, given_channels=1, norm="spectral")),
        ({"critic": "patch", "critic_layers": 0, "critic_norm": "instance"},
         PatchSpec(input_channels=1, given_channels=1, layers=0, norm="instance")),
    ],
)  # fmt: skip
def test_every_critic_sees_the_mask(options, spec) -> None:
    assert InpaintNetworks(**options).critic_spec(1) == spec
    assert spec.given_channels == 1


def test_an_energy_is_an_autoencoders() -> None:
    spec = InpaintNetworks(critic_width=8).critic_spec(3, energy=True)
    assert spec == AutoencoderSpec(given_channels=1, width=8, layers=3)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"generator": "light", "stages": 1}, "--stages goes with --generator gated, and not with light"),
        ({"blocks": 2}, "--blocks goes with --generator light, and not with gated"),
        ({"slope": 0.1}, "--slope goes with --generator light, and not with gated"),
        ({"attention": True, "generator": "context-encoder"}, "--attention goes with --generator gated"),
        ({"bottleneck": 9}, "--bottleneck goes with --generator context-encoder"),
        ({"width": 6}, "gated: --width 6: input should be .* multiple of 4"),
        ({"generator": "context-encoder"}, "context-encoder: --size 96: input should be 16, 32, 64"),
    ],
)
def test_what_a_generator_does_not_take_is_refused(options, complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint):
        InpaintNetworks(**options).generator_spec(96, 3)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"critic_norm": "batch"}, "sn-patch: --critic-norm batch: input should be 'none' or 'spectral'"),
        ({"critic": "unet", "critic_norm": "instance"}, "unet-critic: --critic-norm instance"),
        ({"critic": "unet", "critic_layers": 2}, "--critic-layers 2: the unet critic has three"),
        ({"critic_layers": 7}, "sn-patch: --critic-layers 7: input should be less than or equal to 6"),
    ],
)
def test_what_a_critic_does_not_take_is_refused(options, complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint):
        InpaintNetworks(**options).critic_spec(3)
