"""Converts every photo of a folder, sub-folders included, and checks that each result is there and of its photo's size.

python examples/convert_folder.py examples/photos runs/prints prints converted
"""

from __future__ import annotations

import json
import subprocess
import sys

from PIL import Image, ImageOps


def main(folder: str, model: str, domain: str, out: str) -> None:
    """Converts `folder` to `domain` with `model`, and prints the path of each result in `out`."""
    for line in img2img("translate", folder, "--model", model, "--to", domain, "--out", out, "--json").splitlines():
        report = json.loads(line)
        with Image.open(report["source"]) as photo, Image.open(report["target"]) as result:
            assert result.size == ImageOps.exif_transpose(photo).size, report
        print(report["target"])


def img2img(*arguments: str) -> str:
    """Runs the command and returns what it prints; raises where a photo fails."""
    done = subprocess.run([sys.executable, "-m", "img2img", *arguments], check=True, text=True, stdout=subprocess.PIPE)
    return done.stdout


if __name__ == "__main__":
    main(*sys.argv[1:])
