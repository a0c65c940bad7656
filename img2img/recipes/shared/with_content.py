"""What UNIT and MUNIT share: two domains, contents that go between them, and critics of each in several resolutions."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

from torch import Tensor, nn

from img2img.config.card import NetworkCard, Task
from img2img.config.networks.content import ContentTranslatorSpec
from img2img.config.networks.critics import StridedSpec
from img2img.config.sections.objective import Adversarial
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.networks.translators.content import ContentTranslator
from img2img.recipes.recipe import Terms, game_of, require_size, run_network, weighted

from .scales import Scales

OTHER = {"a": "b", "b": "a"}


class Networks(Protocol):
    """The options of the networks."""

    def generator_spec(self, size: int, inputs: int, outputs: int) -> ContentTranslatorSpec: ...
    def critic_specs(self, channels: int, *, energy: bool) -> list[StridedSpec]: ...


class WithContent:
    """The network of a way has the encoder of the domain that it comes from, and the decoder of the other.

    sides: domains a and b. Raises Refusal for a size that the networks do not take.
    """

    task: ClassVar[Task] = "translate"
    first: Literal["critics", "generators"] = "generators"
    phase: str = ""
    compares: Literal["pairs", "sets"] = "sets"

    def __init__(self, networks: Networks, objective: Adversarial, size: int, sides: Sides, *, recompute: bool) -> None:
        channels, self.names, self.size = sides.channels, sides.names, size
        self.game, game = objective.game, game_of(objective)
        self.adversarial, self.recompute = objective.adversarial, recompute
        self.specs = {
            f"{source}_to_{target}": networks.generator_spec(size, channels[source], channels[target])
            for source, target in OTHER.items()
        }
        for spec in self.specs.values():
            require_size(size, spec, "the generator")
        self.generators = nn.ModuleDict({direction: build(spec) for direction, spec in self.specs.items()})
        energy = game.critic == "energy"
        self.scales = {
            domain: Scales(domain, networks.critic_specs(channels[domain], energy=energy), objective, size)
            for domain in OTHER
        }
        self.critics = {name: spec for scales in self.scales.values() for name, spec in scales.critics.items()}
        self.adversaries = {name: one for scales in self.scales.values() for name, one in scales.adversaries.items()}
        self.frozen = nn.ModuleDict()
        self.critic_steps = objective.critic_steps or game.critic_steps

    def content(self, domain: str, pictures: Tensor) -> Tensor:
        """The contents of pictures of a domain, float32."""
        return run_network(way_from(self.generators, domain).content, pictures, self.recompute).float()

    def picture(self, domain: str, content: Tensor, style: Tensor | None = None) -> Tensor:
        """Pictures of a domain, float32, of contents, and of styles (N, latent) where there are such."""
        told = [] if style is None else [style]
        return run_network(way_from(self.generators, OTHER[domain]).decode, content, self.recompute, *told).float()

    def judged(self, domain: str, real: Tensor, fake: Tensor) -> Terms:
        """What the critics of a domain pay."""
        return weighted(f"{domain}/", 1.0, self.scales[domain].critic_terms(real, fake))

    def owed(self, domain: str, fake: Tensor, real: Tensor) -> Terms:
        """What the generators pay to the critics of a domain."""
        return weighted(f"{domain}/", self.adversarial, self.scales[domain].generator_terms(fake, real))

    def ways(self, **told: object) -> dict[str, NetworkCard]:
        """The cards of both ways; told: what their cards say beside that."""
        return {
            f"{source}_to_{target}": NetworkCard.model_validate(
                {
                    "spec": self.specs[f"{source}_to_{target}"],
                    "source": self.names[source],
                    "target": self.names[target],
                    "size": self.size,
                }
                | told
            )
            for source, target in OTHER.items()
        }


def way_from(generators: nn.ModuleDict, domain: str) -> ContentTranslator:
    """The network of the way from a domain to the other."""
    network = generators[f"{domain}_to_{OTHER[domain]}"]
    assert isinstance(network, ContentTranslator)
    return network
