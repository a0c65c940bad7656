"""StarGAN: its losses by the paper's formulas, its sizes, and a run from folders to pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from support.drawing import draw
from support.running import img2img, succeeded
from torch import Tensor

from img2img.config.base import Refusal
from img2img.config.networks.critics import DomainCriticSpec
from img2img.config.networks.told_translators import StarGANSpec
from img2img.config.toml import resolve
from img2img.config.train.stargan import StarganConfig
from img2img.data.sides import Sides
from img2img.networks import count_parameters
from img2img.recipes.stargan import Stargan
from img2img.weights.files import read_card

DOMAINS = ("calm", "happy", "sad")
SMALL = {"width": 4, "blocks": 1, "critic_width": 4}


def made(size: int = 16, **objective: Any) -> Stargan:
    sections = {"networks": SMALL, "data": {"size": size}, "objective": objective}
    torch.manual_seed(0)
    return Stargan(resolve(StarganConfig, sections), Sides({"real": 3}, {"real": "faces"}, DOMAINS))


def batch(count: int = 4) -> dict[str, Tensor]:
    torch.manual_seed(1)
    label = torch.arange(count) % 3
    return {"real": torch.rand(count, 3, 16, 16) * 2 - 1, "label": label, "target": label.roll(1)}


def minus_log_p(logits: Tensor, label: Tensor) -> float:
    """-E log D(c | x), in plain numpy."""
    raw = logits.detach().numpy().astype(np.float64)
    share = np.exp(raw) / np.exp(raw).sum(1, keepdims=True)
    return float(-np.log(share[np.arange(len(raw)), label.numpy()]).mean())


def scores_and_names(recipe: Stargan, pictures: Tensor) -> tuple[Tensor, Tensor]:
    critic: Any = recipe.adversaries["real"].critic
    features = critic.features(pictures)
    return features[-1], critic.read(features)


def test_the_critic_pays_for_scores_and_for_the_domains_of_real_pictures_alone() -> None:
    """Equations 8 and 2; the penalty is a test of its own."""
    recipe, data = made(domain=3.0), batch()
    fakes = recipe.play(data)
    terms = recipe.critic_terms(data, fakes)
    on_real, named = scores_and_names(recipe, data["real"])
    on_fake, _ = scores_and_names(recipe, fakes["fake"])
    assert set(terms) == {"real", "fake", "read_real", "penalty"}
    assert terms["real"].item() == pytest.approx(-on_real.mean().item(), abs=1e-6)
    assert terms["fake"].item() == pytest.approx(on_fake.mean().item(), abs=1e-6)
    assert terms["read_real"].item() == pytest.approx(3 * minus_log_p(named, data["label"]), rel=1e-5)


def test_the_generator_pays_for_the_wanted_domain_and_for_the_way_back() -> None:
    """Equations 3, 4 and 6."""
    recipe, data = made(domain=2.0, rebuilding=7.0, adversarial=0.5), batch()
    fakes = recipe.play(data)
    terms = recipe.generator_terms(data, fakes)
    on_fake, named = scores_and_names(recipe, fakes["fake"])
    back = recipe.generators["generator"](fakes["fake"], data["label"])
    distance = np.abs((data["real"] - back).detach().numpy()).mean()
    assert terms["fool"].item() == pytest.approx(-0.5 * on_fake.mean().item(), abs=1e-6)
    assert terms["read"].item() == pytest.approx(2 * minus_log_p(named, data["target"]), rel=1e-5)
    assert terms["rebuilding"].item() == pytest.approx(7 * distance, rel=1e-5)


def test_translations_to_each_domain_are_compared_with_its_own_pictures() -> None:
    recipe, data = made(), batch(4)  # of the domains 0, 1, 2 and 0 again
    network = recipe.generators["generator"].eval()
    with torch.no_grad():
        first, *_, last = recipe.compared(recipe.generators, data)
        to_first = network(data["real"][1:3], torch.tensor([0, 0]))
        to_last = network(data["real"][[0, 1, 3]], torch.tensor([2, 2, 2]))
        alone = recipe.compared(recipe.generators, {name: values[:1] for name, values in data.items()})
    torch.testing.assert_close(first.made, to_first, rtol=0, atol=1e-6)
    torch.testing.assert_close(last.made, to_last, rtol=0, atol=1e-6)
    assert torch.equal(first.real, data["real"][[0, 3]]) and torch.equal(last.real, data["real"][2:3])
    assert [(len(pair.made), len(pair.real)) for pair in alone] == [(0, 1), (1, 0), (1, 0)]
    assert recipe.fewest(data) == 1
    assert recipe.fewest({"label": torch.tensor([0, 0, 1])}) == 0, "none is of the last domain"
    assert recipe.fewest({"label": torch.tensor([0] * 9 + [1, 2])}) == 1


def test_what_is_told_moves_the_picture() -> None:
    network, picture = made().generators["generator"], batch(1)["real"]
    one, other = (network(picture, torch.tensor([number])) for number in (0, 1))
    assert (one - other).abs().max() > 1e-3


def test_parameters_of_the_papers_networks() -> None:
    """As the authors' code prints them: five domains, and for the critic eight, too."""
    assert count_parameters(StarGANSpec(classes=5)) == 8_430_528
    assert count_parameters(DomainCriticSpec(readout=5)) == 44_762_048
    assert count_parameters(DomainCriticSpec(readout=8)) == 44_786_624


def test_the_papers_numbers() -> None:
    config = resolve(StarganConfig, StarganConfig.presets["paper"])
    assert config.networks.generator_spec(3, 5) == StarGANSpec(classes=5)
    assert config.networks.critic_spec(128, 3, 5) == DomainCriticSpec(readout=5)
    optimisation, objective = config.optimisation, config.objective
    assert (optimisation.lr, optimisation.beta1, optimisation.batch_size) == (1e-4, 0.5, 16)
    assert (objective.game, objective.domain, objective.rebuilding) == ("wgan-gp", 1, 10)
    assert made().critic_steps == 5


def test_sizes_that_do_not_halve_are_refused() -> None:
    with pytest.raises(Refusal, match="--size 18: the generator"):
        made(18)
    with pytest.raises(Refusal, match="--size 36: the critic"):
        made(36)


@pytest.mark.parametrize("objective", [{"unroll": 1}, {"game": "began"}])
def test_what_does_not_go_with_a_critic_that_names_domains(objective: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=r"--unroll 1|--game began"):
        made(**objective)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three domains of four pictures."""
    root = tmp_path_factory.mktemp("faces")
    for number, name in enumerate(DOMAINS):
        (root / name).mkdir()
        for index in range(4):
            picture = draw(100 * number + index)
            Image.fromarray([picture, 255 - picture, picture // 2][number]).save(root / name / f"{index}.png")
    return root


@pytest.mark.parametrize("preset", StarganConfig.presets)
def test_every_preset_trains_and_is_applied(preset: str, faces: Path, tmp_path: Path) -> None:
    """With networks made small, but for their kind; one picture for each domain, named by it."""
    small = ["--size", 16, "--width", 4, "--critic-width", 2, "--blocks", 1, "--batch-size", 2, "--device", "cpu"]
    if preset == "paper":
        small += ["--load-size", 16]
    run = ["train", "stargan", "--preset", preset, "--images", faces, *small, "--critic-steps", 1, "--steps", 20]
    succeeded(img2img(*run, "--samples", 2, "--no-tensorboard", "--out", tmp_path / "run"))
    (card,) = read_card(tmp_path / "run/weights.safetensors").networks.values()
    assert card.classes == DOMAINS and card.leads_to == DOMAINS
    *_, sheet = sorted((tmp_path / "run/samples").glob("*.png"))
    assert Image.open(sheet).width > 4 * 64, "the input and three domains"
    photo = faces / "sad/0.png"
    call = ["translate", photo, "--model", tmp_path / "run", "--device", "cpu"]
    succeeded(img2img(*call, "--to", "all", "-o", f"{tmp_path}/out/"))
    assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == [f"0.{name}.png" for name in DOMAINS]
    succeeded(img2img(*call, "--to", "happy", "-o", tmp_path / "one.png"))
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "out/0.happy.png").read_bytes()
    strip = tmp_path / "strip.png"
    succeeded(img2img(*call, "--to", "all", "--variants", strip))
    assert Image.open(strip).width > 4 * 256


@pytest.mark.parametrize("precision", ["bf16"])
def test_a_run_in_half_precision(precision: str, faces: Path, tmp_path: Path) -> None:
    small = ["--size", 16, "--width", 4, "--critic-width", 2, "--blocks", 1, "--batch-size", 2, "--device", "cpu"]
    result = succeeded(
        img2img(
            *["train", "stargan", "--images", faces, *small, "--precision", precision, "--recompute", "--steps", 2],
            *["--no-tensorboard", "--out", tmp_path / "run"],
        )
    )
    assert "not finite" not in result.output


def test_folders_that_are_no_domains_are_named(faces: Path, tmp_path: Path) -> None:
    for folder, said in {faces / "sad": "looked for two or more sub-folders", tmp_path: "no image"}.items():
        result = img2img("train", "stargan", "--images", folder, "--out", tmp_path / "run")
        assert result.exit_code == 2 and said in result.stderr
