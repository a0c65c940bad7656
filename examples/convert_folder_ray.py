"""Enlarges every photo of a folder on as many computers as a Ray cluster has; on one alone without a cluster.

    pip install 'img2img-gan[ray]'
    python examples/convert_folder_ray.py photos enlarged --model light-x4 --workers 4

The folder is split into parts; whichever worker is free takes the next one. Sources and results lie on a file system
that all workers see. The parts' manifests make it safe to run it again: what is done is skipped, and a part whose
worker died half-way goes on where it stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

PARTS_A_WORKER = 4
"""More parts than workers, so that nobody waits long for the slowest."""


class Convert:
    """Lives in a worker's process: loads the weights once, then converts part after part."""

    def __init__(self, folder: str, out: str, model: str, parts: int) -> None:
        import torch

        from img2img.apply.models import open_upscaler
        from img2img.machine import choose_device

        if not ray.get_gpu_ids():
            torch.set_num_threads(1)  # the CPU that Ray reserved for this worker
        self.model = open_upscaler(model, None, device=choose_device("auto" if ray.get_gpu_ids() else "cpu"))
        self.folder, self.out, self.parts = Path(folder), Path(out), parts

    def __call__(self, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        from img2img.apply.batch.plan import Shard, plan
        from img2img.apply.batch.run import run_batch

        shard = Shard(int(row["part"]), self.parts)
        jobs = plan([self.folder], self.out, self.model.label, shard=shard)
        for report in run_batch(jobs, self.model, shard=shard):
            yield {"target": str(report.job.target), "state": report.state, "error": report.error}


def main() -> None:
    """Prints the path of each result; exits with 1 where a photo failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="light-x4", help="a name, or a weights file that all workers see")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--gpus", type=float, default=0, help="of each worker; 0.5 lets two share one")
    options = parser.parse_args()

    parts = options.workers * PARTS_A_WORKER
    rows = ray.data.from_items([{"part": part} for part in range(1, parts + 1)], override_num_blocks=parts)
    reports = rows.flat_map(
        Convert,
        fn_constructor_args=(str(options.folder.resolve()), str(options.out.resolve()), options.model, parts),
        compute=ray.data.ActorPoolStrategy(size=options.workers),
        **({"num_gpus": options.gpus} if options.gpus else {"num_cpus": 1}),
    )
    found = sorted(reports.iter_rows(), key=lambda row: row["target"])
    for row in found:
        print(row["error"] or row["target"])
    assert all(Path(row["target"]).exists() for row in found if row["state"] != "failed")
    raise SystemExit(any(row["state"] == "failed" for row in found))


if __name__ == "__main__":
    main()
