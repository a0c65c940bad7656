"""What was published for the games of the large-scale study, to be set beside what they reach here.

arXiv:1711.10337: its GANs on one architecture, and its VAE. Not what this project measured.
"""

from __future__ import annotations

PROTOCOL = "published: arXiv:1711.10337, the best FID of a search over 100 settings of each, mean ± standard deviation"
"""What goes with these figures wherever they are shown."""

_SETS = ("mnist", "fashion-mnist", "cifar10")

PUBLISHED: dict[str, dict[str, str]] = {
    game: dict(zip(_SETS, row, strict=True))
    for game, row in {
        "minimax": ("9.8 ± 0.9", "29.6 ± 1.6", "72.7 ± 3.6"),
        "non-saturating": ("6.8 ± 0.5", "26.5 ± 1.6", "58.5 ± 1.9"),
        "lsgan": ("7.8 ± 0.6", "30.7 ± 2.2", "87.1 ± 47.5"),
        "wgan": ("6.7 ± 0.4", "21.5 ± 1.6", "55.2 ± 2.3"),
        "wgan-gp": ("20.3 ± 5.0", "24.5 ± 2.1", "55.8 ± 0.9"),
        "dragan": ("7.6 ± 0.4", "27.7 ± 1.2", "69.8 ± 2.0"),
        "began": ("13.1 ± 1.0", "22.9 ± 0.9", "71.4 ± 1.6"),
        "vae": ("23.8 ± 0.6", "58.7 ± 1.2", "155.7 ± 11.6"),
    }.items()
}
"""Game, or vae for no game -> standard set -> FID."""
