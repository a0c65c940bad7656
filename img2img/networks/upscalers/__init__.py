"""Generators of super-resolution: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from img2img.config.networks import Spec
from img2img.config.networks.upscalers import LightSRSpec, RRDBSpec, SRResNetSpec

from .light_sr import LightSR
from .rrdb import RRDBNet
from .srresnet import SRResNet

UPSCALERS: dict[type[Spec], Callable[[Any], nn.Module]] = {
    SRResNetSpec: SRResNet,
    RRDBSpec: RRDBNet,
    LightSRSpec: LightSR,
}
