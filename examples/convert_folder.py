"""Converts every photo of a folder with a trained model, and checks each result.

    python examples/convert_folder.py examples/photos --model runs/prints --to prints --out converted

From Python what `img2img translate` does from the shell: sub-folders are kept, and a photo that cannot be read is named
while the rest goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from img2img.apply.batch import run_batch
from img2img.apply.engine import open_model
from img2img.apply.plan import plan
from img2img.images import read_photo
from img2img.networks.devices import choose_device


def main() -> None:
    """Prints the path of each result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    model = open_model(options.model, "translate", to=options.to, device=choose_device("auto"))
    jobs = plan([options.folder], options.out, model.label)
    for report in run_batch(jobs, model.convert, on_existing="overwrite"):
        assert report.state == "written", report.error
        source, result = read_photo(report.job.source), read_photo(report.job.target)
        assert (result.width, result.height) == (source.width, source.height), report.job.target
        print(report.job.target)


if __name__ == "__main__":
    main()
