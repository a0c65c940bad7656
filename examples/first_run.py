"""The README's first run: trains photos ↔ prints for a few minutes, converts one picture each way, shows all four.

python examples/first_run.py runs/prints examples/results/first_run.jpg
python examples/first_run.py runs/quicker strip.jpg --steps 300          # further options are for the training
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from img2img.images import read_photo
from img2img.training.report.sheets import save_sheet, sheet

HERE = Path(__file__).parent
WAYS = {"prints": HERE / "coffee.jpg", "photos": HERE / "coffee_print.jpg"}
"""Domain to translate to -> a picture of the other one, on which nothing was trained."""


def main(run: Path, strip: Path, *training: str) -> None:
    """Trains, unless the run has been trained before, and writes before and after of both ways side by side."""
    if not (run / "weights.safetensors").exists():
        domains = "--a", str(HERE / "photos"), "--b", str(HERE / "prints")
        img2img("train", "cyclegan", *domains, "--preset", "quick", "--out", str(run), *training)
    columns = []
    for domain, before in WAYS.items():
        after = run / f"{before.stem}.{domain}.png"
        keep = "--on-existing", "overwrite"
        img2img("translate", str(before), "--model", str(run), "--to", domain, "--out", str(after), *keep)
        pictures = read_photo(before).pixels, read_photo(after).pixels
        assert pictures[0].shape == pictures[1].shape, f"{after} has not the size of {before}"
        assert (pictures[0] - pictures[1]).abs().mean() > 0.02, f"{after} is {before} unchanged"
        columns += [(before.name, pictures[0][None]), (f"→ {domain}", pictures[1][None])]
    save_sheet(sheet(columns, cell=360), strip)
    print(strip)


def img2img(*arguments: str) -> None:
    """Runs the command; raises where it fails."""
    subprocess.run([sys.executable, "-m", "img2img", *arguments], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
