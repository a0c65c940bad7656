"""What options stand for where nothing else is asked for: settings by game, under those of a preset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from img2img.config.base import Config, Overrides, section_of
from img2img.config.networks.pairs import PAIRS
from img2img.config.sections.objective import GameName

from .gan_settings import BY_CONDITION, BY_GAME, COMMON, Settings


def last_value(section: str, option: str, *layers: Mapping[str, Mapping[str, Any]]) -> Any:
    """The last layer's word on an option; None where none has one."""
    return next((word for layer in reversed(layers) if (word := layer.get(section, {}).get(option)) is not None), None)


def by_game(game: GameName, condition: str | None = None) -> Settings:
    """What a game is trained with, where the critic is told of classes in this way."""
    return COMMON | BY_CONDITION.get(condition or "none", {}) | BY_GAME.get(game, {})


def without_foreign_norm(settings: Settings, network: str) -> Settings:
    """The settings but for a norm of the critic that this one has not: then its own is as good."""
    pair = PAIRS.get(network)
    norms = get_args(pair.critic.model_fields["norm"].annotation) if pair else ("none",)
    return {name: value for name, value in settings.items() if name != "critic_norm" or value in norms}


def with_defaults(rows: Overrides, settings: Settings, config: type[Config]) -> Overrides:
    """A preset's rows, and under them those settings that the command has an option for."""
    owner = section_of(config)
    implied: Overrides = {section: {} for section in config.model_fields}
    for option, value in settings.items():
        if option in owner:
            implied[owner[option]][option] = value
    return {section: options | rows.get(section, {}) for section, options in implied.items()}
