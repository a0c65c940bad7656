"""Growing networks in the trainer: it tells them how far the run is, on every copy of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from img2img.adversarial import GAMES, Adversary
from img2img.config.networks.prior import Prior
from img2img.config.networks.samplers import ProgressiveSpec
from img2img.config.networks.whole_critics import ProgressiveCriticSpec
from img2img.config.sections.run import Optimisation, Run
from img2img.data.folders.classes import REAL
from img2img.data.latents import Latents
from img2img.networks import build
from img2img.networks.layers.growing import Growing, averaged
from img2img.recipes.shared.from_noise import NETWORK, FromNoise
from img2img.training.step.trainer import Trainer

PRIOR = Prior(noise=4)
SPEC = ProgressiveSpec(latent=4, size=8, width=2, growth=0)
CRITIC = ProgressiveCriticSpec(size=8, width=2, growth=0)


class Noise:
    def batches(self, seed: int, first_step: int, batch_size: int, rank: int = 0, ranks: int = 1) -> Iterator[dict]:
        while True:
            yield {REAL: torch.rand(batch_size, 3, 8, 8) * 2 - 1}


def training(total: int) -> Trainer:
    torch.manual_seed(0)
    recipe = FromNoise(
        build(SPEC),
        {REAL: Adversary(build(CRITIC), GAMES["wgan-gp"])},
        spec=SPEC,
        critics={REAL: CRITIC},
        prior=PRIOR,
        game="wgan-gp",
    )
    optimisation = Optimisation(batch_size=4, ema=0.9)
    cpu = torch.device("cpu")
    return Trainer(recipe, Latents(PRIOR, of=REAL), optimisation, Run(), device=cpu, precision="fp32", total=total)


def growths(trainer: Trainer) -> list[Growing]:
    """Of the generator, the critic, the moving average."""
    generators = trainer.recipe.generators, trainer.best_generators
    critic = trainer.recipe.adversaries[REAL].critic
    return [generators[0][NETWORK].growth, critic.growth, generators[1][NETWORK].growth]


def test_the_networks_and_their_moving_average_have_grown_as_far_as_the_run_is() -> None:
    trainer = training(total=6)  # two levels of 4 and 8 px have three units of two steps
    batches = trainer.batches(Noise())
    seen: list[tuple[float, int]] = []
    for _ in range(6):
        trainer.take_step(batches)
        progress, stages = zip(*((float(part.progress), part.stage) for part in growths(trainer)), strict=True)
        assert len({*progress}) == len({*stages}) == 1
        seen.append((progress[0], stages[0]))
    assert [progress for progress, _ in seen] == pytest.approx([step / 6 for step in range(6)])
    assert [stage for _, stage in seen] == [0, 0, 1, 1, 2, 2]


def test_a_checkpoint_brings_back_the_stage() -> None:
    trainer, resumed = training(total=6), training(total=6)
    batches = trainer.batches(Noise())
    for _ in range(3):
        trainer.take_step(batches)
    resumed.load_state_dict(trainer.state_dict())
    assert [part.stage for part in growths(resumed)] == [1, 1, 1]


def test_reals_are_shown_in_the_detail_that_there_is() -> None:
    trainer = training(total=6)
    shown: list[Tensor] = []
    critic = trainer.recipe.adversaries[REAL].critic
    critic.register_forward_pre_hook(lambda module, inputs: shown.append(inputs[0].detach()))
    batches = trainer.batches(Noise())
    trainer.take_step(batches)
    early = torch.cat(shown)
    torch.testing.assert_close(averaged(early, 4).repeat_interleave(2, 2).repeat_interleave(2, 3), early)
    trainer.step = 5
    shown.clear()
    trainer.take_step(batches)
    late = torch.cat(shown)
    assert not torch.allclose(averaged(late, 4).repeat_interleave(2, 2).repeat_interleave(2, 3), late, atol=1e-2)
