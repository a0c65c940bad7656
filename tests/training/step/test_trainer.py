"""The one loop: order of the players, shared fakes, accumulation, steps that are skipped, ranks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from support.running import QUIET, TINY, succeeded, train
from torch import nn

from img2img.config.sections.run import Phase
from img2img.config.toml import resolve
from img2img.config.train.cyclegan import CycleganConfig
from img2img.config.train.pix2pix import Pix2pixConfig
from img2img.data.derive import Derive
from img2img.data.sides import Sides
from img2img.recipes.cyclegan import Cyclegan
from img2img.recipes.pix2pix import Pix2pix
from img2img.training.report.introduction import probe
from img2img.training.step.schedule import phase_at, rate_factor, seed_noise
from img2img.training.step.trainer import Trainer

SMALL = {"width": 4, "critic_width": 4, "critic_layers": 1, "dropout": 0.0, "blocks": 1}


class Source:
    """Random batches by (seed, step, rank)."""

    def batches(self, seed, first_step, batch_size, rank=0, ranks=1):
        while True:
            generator = torch.Generator().manual_seed(1000 * first_step + rank)
            yield {side: torch.rand(batch_size, 3, 32, 32, generator=generator) * 2 - 1 for side in "ab"}
            first_step += 1


def trainer(kind=Pix2pix, **sections):
    config_class = Pix2pixConfig if kind is Pix2pix else CycleganConfig
    sections["networks"] = SMALL | sections.get("networks", {})
    sections["data"] = {"size": 32}
    config = resolve(config_class, sections)
    torch.manual_seed(0)
    recipe = kind(config, Sides({"a": 3, "b": 3}, {"a": "a", "b": "b"}))
    return Trainer(
        recipe,
        nn.Identity(),
        config.optimisation,
        config.run,
        device=torch.device("cpu"),
        precision=config.run.precision if config.run.precision != "auto" else "fp32",
        total=100,
    )


@pytest.mark.parametrize(
    ("kind", "order"), [(Pix2pix, ["critics", "generators"]), (Cyclegan, ["generators", "critics"])]
)
def test_the_players_step_in_their_papers_order_on_one_forward_pass(kind, order):
    made = trainer(kind)
    happened, played = [], []
    for name, player in (("critics", made.critics), ("generators", made.generators)):
        step = player.optimiser.step
        player.optimiser.step = lambda name=name, step=step: (happened.append(name), step())[1]
    play = made.recipe.play
    made.recipe.play = lambda batch: (played.append(1), play(batch))[1]
    made.take_step(made.batches(Source()))
    assert happened == order and len(played) == 1


def test_critic_steps_each_take_a_fresh_batch():
    made = trainer(objective={"critic_steps": 3})
    seen = []
    terms = made.recipe.critic_terms
    made.recipe.critic_terms = lambda batch, fakes: (seen.append(batch["a"].sum().item()), terms(batch, fakes))[1]
    batches = made.batches(Source())
    made.take_step(batches)
    assert len(set(seen)) == 3
    made.take_step(batches)
    assert len(set(seen)) == 6


@pytest.mark.parametrize("kind", [Pix2pix, Cyclegan])
def test_accumulated_gradients_equal_those_of_the_larger_batch(kind):
    class Halves(Source):
        """The batches of two, one sample at a time."""

        def batches(self, seed, first_step, batch_size, rank=0, ranks=1):
            for batch in super().batches(seed, 0, 2):
                yield from ({side: images[i : i + 1] for side, images in batch.items()} for i in range(2))

    optimisation = {"ema": 0, "lr": 1e-3}
    together = trainer(kind, optimisation=optimisation | {"batch_size": 2}, objective={"pool": 0})
    apart = trainer(kind, optimisation=optimisation | {"accumulate": 2}, objective={"pool": 0})
    for made, source in ((together, Source()), (apart, Halves())):
        for player in (made.critics, made.generators):  # plain descent: Adam turns rounding into steps
            player.optimiser = torch.optim.SGD(player.weights, lr=0.01)
            player.base_rate = 0.01
        made.take_step(made.batches(source))
    for one, other in zip(together.recipe.generators.parameters(), apart.recipe.generators.parameters(), strict=True):
        assert (one - other).abs().max() < 2e-5
    for one, other in zip(together.critics.weights, apart.critics.weights, strict=True):
        assert (one - other).abs().max() < 2e-5


@pytest.mark.parametrize("kind", [Pix2pix, Cyclegan])
def test_a_recomputed_step_is_the_same_step(kind):
    kept, computed_again = trainer(kind), trainer(kind, run={"recompute": True})
    for made in (kept, computed_again):
        made.take_step(made.batches(Source()))
    for one, other in zip(
        kept.recipe.generators.parameters(), computed_again.recipe.generators.parameters(), strict=True
    ):
        assert (one - other).abs().max() < 1e-6


def test_a_step_with_a_loss_that_is_not_finite_is_skipped():
    made = trainer(optimisation={"ema": 0.5})
    batches = made.batches(Source())
    made.take_step(batches)
    before = {name: value.clone() for name, value in made.recipe.generators.state_dict().items()}
    moments = str(made.generators.optimiser.state_dict()["state"])
    terms = made.recipe.generator_terms
    made.recipe.generator_terms = lambda batch, fakes: {"l1": terms(batch, fakes)["l1"] * float("nan")}
    made.take_step(batches)
    assert (made.skipped, made.skipped_in_row) == (1, 1)
    assert all(torch.equal(before[name], value) for name, value in made.recipe.generators.state_dict().items())
    assert str(made.generators.optimiser.state_dict()["state"]) == moments
    made.recipe.generator_terms = terms
    made.take_step(batches)
    assert (made.skipped, made.skipped_in_row) == (1, 0)


def test_twenty_skipped_steps_in_a_row_end_the_run(pairs, tmp_path, monkeypatch):
    out = tmp_path / "run"
    succeeded(train("pix2pix", "--pairs", pairs, "--steps", 3, out=out))
    good = (out / "checkpoint.safetensors").read_bytes()
    monkeypatch.setattr(
        Pix2pix, "generator_terms", lambda self, batch, fakes: {"l1": fakes["fake"].mean() * float("inf")}
    )
    result = train("pix2pix", "--resume", "--steps", 100, "--save-every", 50, out=out)
    assert result.exit_code == 1
    assert "not finite for 20 steps in a row, up to step 23" in result.output
    assert (out / "checkpoint.safetensors").read_bytes() == good


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("kind", [Pix2pix, Cyclegan])
def test_losses_are_float32_and_finite_in_any_precision(kind, precision):
    made = trainer(
        kind, run={"precision": precision}, objective={"game": "wgan-gp"}, networks={"critic_norm": "instance"}
    )
    terms, _ = made.take_step(made.batches(Source()))
    assert all(term.dtype == torch.float32 and torch.isfinite(term) for term in terms.values()), terms
    assert made.skipped == 0


def test_the_schedules():
    assert [rate_factor("linear", step, 100, 0.5) for step in (0, 49, 50, 75, 100)] == [1, 1, 1, 0.5, 0]
    assert abs(rate_factor("cosine", 50, 100, 0.5) - 0.5) < 1e-12
    assert rate_factor("constant", 99, 100, 0.5) == 1
    assert [rate_factor("step", step, 100, 0.5) for step in (0, 49, 50, 99)] == [1, 1, 0.1, 0.1]


def test_a_schedule_begins_anew_in_each_phase():
    phases = (Phase("first", 0, 40, "linear", rate=3.0), Phase("second", 40, 60, "cosine"))
    assert [phase_at(phases, step).name for step in (0, 39, 40, 99, 100)] == ["first", "first", *["second"] * 3]
    made = trainer(optimisation={"lr": 1e-3})
    made.phases = phases
    rates = []
    for made.step in (0, 30, 40, 70):
        rates.append(made.rates()["lr"])
    assert all(abs(one - other) < 1e-12 for one, other in zip(rates, (3e-3, 1.5e-3, 1e-3, 0.5e-3), strict=True))


def test_networks_that_only_measure_are_not_trained_and_not_saved():
    made = trainer()
    made.recipe.frozen["features"] = nn.BatchNorm2d(3)
    again = Trainer(
        made.recipe, nn.Identity(), made.optimisation, made.run, device=made.device, precision="fp32", total=1
    )
    assert not made.recipe.frozen["features"].training
    assert "features" not in str(again.state_dict())


def test_noise_depends_on_seed_rank_step_and_draw_only():
    drawn = {}
    for key in [(0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)]:
        seed_noise(*key)
        drawn[key] = torch.rand(1).item()
    assert len(set(drawn.values())) == 5
    seed_noise(0, 0, 1)
    assert torch.rand(1).item() == drawn[0, 0, 1, 0]


@pytest.mark.slow
def test_two_ranks_hold_the_same_weights_and_see_different_pictures(domains, tmp_path):
    """Two gloo processes on the CPU, as torchrun starts them; each writes what it holds at the end."""
    script = tmp_path / "rank.py"
    script.write_text(
        "import os, sys, torch\n"
        "from safetensors.torch import save_file\n"
        "from img2img.training import session\n"
        "save = session.Session.save\n"
        "def spy(self):\n"
        "    save(self)\n"
        "    held = {**self.trainer.recipe.generators.state_dict(), **self.trainer.critics.networks.state_dict()}\n"
        "    pool = self.trainer.recipe.adversaries['a'].pool.kept[0][0]\n"
        "    held = {k: v.contiguous() for k, v in held.items() if torch.is_tensor(v)} | {'kept': pool.contiguous()}\n"
        f"    save_file(held, r'{tmp_path}/rank' + os.environ['RANK'] + '.safetensors')\n"
        "session.Session.save = spy\n"
        "from img2img.cli.app import main\n"
        "main()\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--a", domains[0], "--b", domains[1], "--steps", 4, "--blocks", 1, "--out", tmp_path / "run"]
    options += ["--critic-augment", "adaptive"]
    command = [sys.executable, str(script), "train", "cyclegan", *map(str, [*TINY, *QUIET, *options])]
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    processes = [
        subprocess.Popen(
            command,
            env=os.environ | world | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert "2 ranks" in said[0][1] and said[1][1].strip() == "", "only the first rank speaks"
    first, second = (load_file(tmp_path / f"rank{rank}.safetensors") for rank in range(2))
    different = [key for key in first if not torch.equal(first[key], second[key])]
    # Each rank keeps fakes of its own pictures; everything else is one and the same.
    assert different == ["kept"]


@pytest.mark.slow
def test_the_time_limit_ends_a_run_that_can_go_on(pairs, tmp_path):
    result = succeeded(
        train("pix2pix", "--pairs", pairs, "--steps", 100000, "--time-limit", "3s", out=tmp_path / "run")
    )
    assert "time limit at step" in result.output and "--resume` goes on" in result.output
    assert (tmp_path / "run/index.html").exists() and (tmp_path / "run/weights.safetensors").exists()


def test_every_critic_step_that_is_not_finite_counts():
    made = trainer(objective={"critic_steps": 3})
    terms, calls = made.recipe.critic_terms, []

    def first_fails(batch, fakes):
        calls.append(1)
        return {name: term * (float("nan") if len(calls) == 1 else 1) for name, term in terms(batch, fakes).items()}

    made.recipe.critic_terms = first_fails
    made.take_step(made.batches(Source()))
    assert (made.skipped, made.skipped_in_row) == (1, 1)


def test_each_critic_step_has_noise_of_its_own_when_gradients_accumulate():
    made = trainer(objective={"critic_steps": 2}, optimisation={"accumulate": 2}, networks={"dropout": 0.5})
    drawn, play = [], made.recipe.play
    made.recipe.play = lambda batch: (drawn.append(torch.rand(1).item()), play(batch))[1]
    made.take_step(made.batches(Source()))
    first_critic, last_critic, generators = drawn[:2], drawn[2:4], drawn[4:]
    assert len({*first_critic, *last_critic}) == 4
    assert generators == last_critic, "both players of one turn are charged for the same noise"


def test_too_little_memory_is_one_line_in_the_trial_steps_too(pairs, tmp_path, monkeypatch):
    def full(self, *_):
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(Trainer, "take_step", full)
    result = train("pix2pix", "--pairs", pairs, "--steps", 2, out=tmp_path / "run")
    assert result.exit_code == 2 and "a smaller --batch-size or --size" in result.stderr


class Watched(Derive):
    """Notes how much of the run was done at each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[float] = []

    def forward(self, batch):
        self.noted.append(self.progress)
        return dict(batch)


def test_what_is_derived_is_told_how_much_of_the_run_is_done():
    made = trainer(objective={"critic_steps": 2}, optimisation={"batch_size": 8})
    watched = Watched()
    made.preparation = replace(made.preparation, augment=nn.Sequential(nn.Identity(), watched))
    made.take_step(made.batches(Source()))
    made.step = 50
    made.take_step(made.batches(Source()))
    assert watched.noted == [0, 0, 0.5, 0.5]


def test_trial_steps_leave_the_run_as_it_was():
    """Sheets show what is derived as it is at the end, whether the run was tried out before or is resumed."""
    made = trainer()
    watched = Watched()
    made.augment = nn.Sequential(nn.Identity(), watched)
    before = [weight.clone() for weight in made.recipe.generators.parameters()]
    assert len(probe(made, Source()).seconds) == 1
    assert watched.noted == [] and watched.progress == 1.0 and made.step == 0
    assert all(torch.equal(a, b) for a, b in zip(before, made.recipe.generators.parameters(), strict=True))


def test_instance_noise_fades_over_the_run():
    made = trainer(objective={"instance_noise": 8.0})
    spread = []
    critic = made.recipe.adversaries["b"].critic
    critic.register_forward_pre_hook(lambda _, inputs: spread.append(inputs[0].std().item()))
    batches = made.batches(Source())
    for made.step in (0, 50, 99):
        made.take_step(batches)
    first, middle, last = spread[0], spread[len(spread) // 2], spread[-1]
    assert abs(first - 8) < 0.5 and abs(middle - 4) < 0.5 and last < 1


def unbounded(fake):
    """A term of 0 whose slope is infinite."""
    mean = fake.mean()
    return (mean - mean.detach()).sqrt()


@pytest.mark.parametrize("player", ["generator", "critic"])
def test_a_step_with_a_finite_loss_and_a_gradient_that_is_not_is_skipped(player):
    made = trainer(optimisation={"ema": 0.5})
    batches = made.batches(Source())
    made.take_step(batches)
    networks = {"generator": made.recipe.generators, "critic": made.critics.networks}[player]
    before = {name: value.clone() for name, value in networks.named_parameters()}
    terms = getattr(made.recipe, f"{player}_terms")

    def steep(batch, fakes):
        paid = terms(batch, fakes)
        name = next(iter(paid))
        return paid | {name: paid[name] + unbounded(paid[name])}

    setattr(made.recipe, f"{player}_terms", steep)
    charged, _ = made.take_step(batches)
    assert all(torch.isfinite(term) for term in charged.values())
    assert (made.skipped, made.skipped_in_row) == (1, 1)
    assert all(torch.equal(before[name], value) for name, value in networks.named_parameters())
    setattr(made.recipe, f"{player}_terms", terms)
    made.take_step(batches)
    assert made.skipped_in_row == 0


def test_the_moving_average_stays_where_it_is_on_a_skipped_step():
    made = trainer(optimisation={"ema": 0.9})
    batches = made.batches(Source())
    made.take_step(batches)
    before = {name: value.clone() for name, value in made.best_generators.named_parameters()}
    terms = made.recipe.generator_terms
    made.recipe.generator_terms = lambda batch, fakes: {"l1": terms(batch, fakes)["l1"] * float("inf")}
    made.take_step(batches)
    assert made.skipped == 1
    assert all(torch.equal(before[name], value) for name, value in made.best_generators.named_parameters())
    made.recipe.generator_terms = terms
    made.take_step(batches)
    assert not all(torch.equal(before[name], value) for name, value in made.best_generators.named_parameters())


@pytest.mark.parametrize("kind", [Pix2pix, Cyclegan])
def test_no_player_computes_the_others_gradients(kind):
    made = trainer(kind)
    found = []
    for terms, other in (("critic_terms", made.recipe.generators), ("generator_terms", made.critics.networks)):
        charged = getattr(made.recipe, terms)

        def watched(batch, fakes, charged=charged, other=other):
            found.append(any(weight.requires_grad for weight in other.parameters()))
            return charged(batch, fakes)

        setattr(made.recipe, terms, watched)
    made.take_step(made.batches(Source()))
    assert found == [False, False]


def test_a_resumed_run_knows_how_many_steps_were_skipped():
    made, again = trainer(), trainer()
    terms = made.recipe.generator_terms
    made.recipe.generator_terms = lambda batch, fakes: {"l1": terms(batch, fakes)["l1"] * float("nan")}
    made.take_step(made.batches(Source()))
    again.load_state_dict(made.state_dict())
    assert again.numbers()["skipped"] == made.numbers()["skipped"] == 1 and again.step == 1


def test_a_step_that_the_fp16_scaler_skips_is_counted_and_not_averaged():
    made = trainer(optimisation={"ema": 0.5})
    batches = made.batches(Source())
    made.generators.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127)
    before = [weight.detach().clone() for weight in made.generators.weights]
    average = [weight.clone() for weight in made.average.networks.parameters()]
    made.take_step(batches)
    assert made.skipped == 1 and made.generators.scaler.get_scale() == 2.0**126
    assert all(torch.equal(one, other) for one, other in zip(before, made.generators.weights, strict=True))
    assert all(torch.equal(one, other) for one, other in zip(average, made.average.networks.parameters(), strict=True))
