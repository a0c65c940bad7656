"""What is tortured, by name: a new subject is a function that gives a `Subject`, and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torture import Subject
from torture_checkpoints import checkpoints, runs
from torture_configs import configs
from torture_folders import commands, folders
from torture_foreign import foreign
from torture_manifests import manifests
from torture_masks import masks
from torture_pictures import pictures
from torture_weights import weights

SUBJECTS: Mapping[str, Callable[[], Subject]] = {
    "pictures": pictures,
    "masks": masks,
    "weights": weights,
    "foreign": foreign,
    "checkpoints": checkpoints,
    "runs": runs,
    "configs": configs,
    "manifests": manifests,
    "folders": folders,
    "commands": commands,
}
