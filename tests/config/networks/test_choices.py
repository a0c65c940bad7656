"""What options call networks comes from the specs: a further spec in a family's union is a further choice."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from img2img.config.networks.critics import InpainterCriticSpec, UpscalerCriticSpec
from img2img.config.networks.inpainters import InpainterSpec
from img2img.config.networks.spec import Spec, by_choice, choices
from img2img.config.networks.translators import TranslatorSpec
from img2img.config.networks.upscalers import UpscalerSpec
from img2img.config.train.cut import CutNetworks
from img2img.config.train.cyclegan import CycleganNetworks
from img2img.config.train.inpaint import InpaintNetworks
from img2img.config.train.pix2pix import TranslationNetworks
from img2img.config.train.srgan import SrganNetworks

OPTIONS = [
    (TranslationNetworks, "generator", TranslatorSpec),
    (CycleganNetworks, "generator", TranslatorSpec),
    (CutNetworks, "generator", TranslatorSpec),
    (SrganNetworks, "generator", UpscalerSpec),
    (SrganNetworks, "critic", UpscalerCriticSpec),
    (InpaintNetworks, "generator", InpainterSpec),
    (InpaintNetworks, "critic", InpainterCriticSpec),
]


class Newcomer(Spec):
    network: str = "newcomer"


@pytest.mark.parametrize(("section", "option", "family"), OPTIONS)
def test_an_options_choices_are_the_specs_of_its_family(section: type[Any], option: str, family: Any) -> None:
    assert get_args(section.model_fields[option].annotation) == tuple(by_choice(family))
    assert len(by_choice(family)) == len(get_args(family))


@pytest.mark.parametrize(("section", "option", "family"), OPTIONS)
def test_every_choice_makes_its_spec(section: type[Any], option: str, family: Any) -> None:
    for choice, spec in by_choice(family).items():
        networks = section(**{option: choice})
        if option == "critic":
            made = networks.critic_spec(3)
        elif section is SrganNetworks:
            made = networks.generator_spec(3)
        elif section is InpaintNetworks:
            made = networks.generator_spec(128, 3)
        else:
            made = networks.generator_spec(64, 3, 3)
        assert type(made) is spec


def test_a_spec_more_is_a_choice_more() -> None:
    assert get_args(choices(TranslatorSpec | Newcomer)) == ("unet", "resnet", "enhancer", "newcomer")


def test_public_names_have_not_changed() -> None:
    assert [tuple(by_choice(family)) for _, _, family in OPTIONS[1:]] == [
        ("unet", "resnet", "enhancer"),
        ("unet", "resnet", "enhancer"),
        ("light", "srresnet", "rrdb"),
        ("unet", "srgan", "patch"),
        ("gated", "light", "context-encoder"),
        ("sn-patch", "global-local", "context", "unet", "patch"),
    ]
