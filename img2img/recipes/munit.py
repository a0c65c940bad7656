"""MUNIT: the content of a picture of one domain in any style of the other (arXiv:1804.04732, equations 2 to 6)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from img2img.config.card import CODES, NetworkCard
from img2img.config.train.munit import MunitConfig
from img2img.data.folders.find import find_domains
from img2img.data.latents import Latents
from img2img.data.loading.dataset import from_files
from img2img.data.sides import Sides
from img2img.networks import build
from img2img.recipes.shared.compared import Compared
from img2img.recipes.shared.styles import fixed_latents
from img2img.recipes.shared.with_content import OTHER, WithContent, way_from

from .kind import Kind
from .recipe import Batch, Terms, require_size

STYLES = {"a": "style_a", "b": "style_b"}
"""By domain: the names of its style encoder in weights files, and of the styles that a batch has for it, (N, latent)
from the prior."""


class Munit(WithContent):
    """Batches have the sides a and b, and "style_a" and "style_b", which translations to these domains are made in.

    Raises Refusal for a size that the networks do not take.
    """

    name = "munit"

    def __init__(self, config: MunitConfig, sides: Sides) -> None:
        super().__init__(config.networks, config.objective, config.data.size, sides, recompute=config.run.recompute)
        self.objective, self.prior = config.objective, config.networks.prior_spec
        self.encoder_specs = {domain: config.networks.encoder_spec(sides.channels[domain]) for domain in OTHER}
        for domain, spec in self.encoder_specs.items():
            require_size(config.data.size, spec, "the style encoder")
            self.generators[STYLES[domain]] = build(spec)

    def style(self, domain: str, pictures: Tensor) -> Tensor:
        """The styles of pictures of a domain, (N, latent) float32."""
        read: Tensor = self.generators[STYLES[domain]](pictures)
        return read.float()

    def play(self, batch: Batch) -> Terms:
        """Translations to each domain in the batch's styles; with gradients also the contents that they are made of."""
        played: Terms = {}
        for source, target in OTHER.items():
            content = self.content(source, batch[source])
            played[target] = self.picture(target, content, batch[STYLES[target]])
            if torch.is_grad_enabled():
                played[f"content_{source}"] = content
        return played

    def critic_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """The critics of each domain judge its pictures against translations to it (equation 5)."""
        return {
            name: term for domain in OTHER for name, term in self.judged(domain, batch[domain], fakes[domain]).items()
        }

    def generator_terms(self, batch: Batch, fakes: Terms) -> Terms:
        """What is paid to the critics, and for pictures, contents and styles that do not come back (equations 2 to 4),
        and where it is asked for, for pictures that do not come back from the other domain (section 5.1).
        """
        terms: Terms = {}
        objective = self.objective
        for domain, other in OTHER.items():
            real, content, fake = batch[domain], fakes[f"content_{domain}"], fakes[other]
            terms |= self.owed(domain, fakes[domain], real)
            style = self.style(domain, real)
            rebuilt = self.picture(domain, content, style)
            terms[f"{domain}/rebuilding"] = objective.rebuilding * l1_loss(rebuilt, real)
            again = self.content(other, fake)
            terms[f"{domain}/content"] = objective.content * l1_loss(again, content)
            terms[f"{other}/style"] = objective.style * l1_loss(self.style(other, fake), batch[STYLES[other]])
            if objective.cycle:
                terms[f"{domain}/cycle"] = objective.cycle * l1_loss(self.picture(domain, again, style), real)
        return terms

    def show(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[tuple[str, Tensor]]:
        """For each way the picture, its translation in the style of the other domain's picture, and in the first
        styles.
        """
        columns: list[tuple[str, Tensor]] = []
        for source, target in OTHER.items():
            way, picture, name = way_from(generators, source), batch[source], self.names[target]
            style = generators[STYLES[target]](batch[target]).float()
            columns += [(self.names[source], picture), (f"→ {name}, given", way(picture, style).float())]
            columns += [
                (f"→ {name}-{number}", way(picture, latent).float())
                for number, latent in fixed_latents(self.prior, picture)
            ]
        return columns

    def compared(self, generators: nn.ModuleDict, batch: Batch) -> Sequence[Compared]:
        """Translations each way, in the batch's styles, against the domain that they are of."""
        return [
            Compared(way_from(generators, source)(batch[source], batch[STYLES[target]]).float(), batch[target])
            for source, target in OTHER.items()
        ]

    def network_cards(self) -> dict[str, NetworkCard]:
        """Both ways, told a style, and the encoders of styles."""
        encoders = {
            STYLES[domain]: NetworkCard(spec=spec, source=self.names[domain], target=CODES, size=self.size)
            for domain, spec in self.encoder_specs.items()
        }
        return self.ways(prior=self.prior) | encoders


def styles_beside(config: MunitConfig) -> Latents:
    """A style of each domain for every picture."""
    return Latents(config.networks.prior_spec, of="a", called=tuple(STYLES.values()))


KIND = Kind(MunitConfig, Munit, from_files(find_domains), styles_beside)
