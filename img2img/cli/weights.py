"""`img2img weights list | info | import | export`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from img2img.config.printable import printable

from .errors import fail

app = typer.Typer(no_args_is_help=True, add_completion=False)

File = Annotated[Path, typer.Argument(metavar="FILE", help="A weights file, or the folder of a run.")]
EXPORT_HELP = (
    "Export a network, and check the exported model against this one before the file appears.\n\n"
    "Inputs are image, the mask as its last channel; or latent, and label where there are classes. Noise that a "
    "network has besides, as stylegan's layers have, is what sample uses: a part of the weights."
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the weights that can be used by name: what each is for, what it does badly, how long it takes."""
    from .weights_table import as_dicts, print_table, rows

    found = rows()
    if as_json:
        print(json.dumps(as_dicts(found), ensure_ascii=False, indent=2))
    elif found:
        print_table(found)
    else:
        print("no weights are shipped yet; a run's folder or a weights file is a --model, too")


@app.command()
def info(file: File, as_json: AsJson = False) -> None:
    """Print a weights file's model card."""
    from img2img.weights.find import resolve_path
    from img2img.weights.headers import read_card

    path = resolve_path(str(file))
    card = read_card(path)
    if as_json:
        print(card.model_dump_json(indent=2))
        return
    for name, value in card.model_dump(mode="json", exclude={"networks"}).items():
        if value not in (None, "", {}):
            told = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
            print(printable(f"{name:14} {told}"))
    for name, network in card.networks.items():
        scale = f", ×{network.scale}" if network.scale > 1 else ""
        size = f", trained on squares of {network.size} px" if network.size else ""
        print(printable(f"{name:14} {network.source} → {network.target}{scale}{size}"))
        print(f"{'':14} {network.spec!r}")
        print(f"{'':14} {network.needs!r}")
        if network.prior:
            print(f"{'':14} {network.prior!r}")
        if network.classes:
            print(printable(f"{'':14} classes: {', '.join(network.classes)}"))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A reference implementation's *_net_G*.pth.")],
    source: Annotated[str, typer.Option("--source", help="The domain it translates from.")],
    target: Annotated[str, typer.Option("--target", help="The domain it translates to.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write \\[default: FILE.safetensors].")
    ] = None,
    running_stats: Annotated[
        bool, typer.Option("--running-stats", help="Use batch norm's stored statistics, not each picture's own.")
    ] = False,
    labels: Annotated[int, typer.Option("--labels", min=0, max=256, help="Labels of the label maps it takes.")] = 0,
) -> None:
    """Convert a pix2pix, CycleGAN, CUT or pix2pixHD generator of the reference implementation.

    Nothing in the file is run: a checkpoint that holds more than tensors is refused.
    """
    from img2img.weights.files import save
    from img2img.weights.importers import import_reference

    path = out or file.with_suffix(".safetensors")
    if path.exists():
        fail(f"{path} exists already; --out names another file")
    network, card = import_reference(file, source=source, target=target, running_stats=running_stats, labels=labels)
    (name,) = card.networks
    save(path, {name: network}, card)
    print(path)


@app.command(help=EXPORT_HELP)
def export(
    file: File,
    onnx: Annotated[
        bool, typer.Option("--onnx", help="Write an ONNX model, of as many pictures and of what size as one likes.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write \\[default: FILE.TARGET.onnx].")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="The domain to translate to, where there are several.")] = None,
) -> None:
    """`img2img weights export`."""
    from img2img.weights.files import load
    from img2img.weights.find import choose_network, resolve_path
    from img2img.weights.onnx import export_onnx

    if not onnx:
        fail("say which format to export to: --onnx")
    path = resolve_path(str(file))
    networks, card = load(path)
    name = choose_network(card, to)
    target = out or path.with_name(f"{path.stem}.{card.networks[name].target}.onnx")
    if target.exists():
        fail(f"{target} exists already; --out names another file")
    difference = export_onnx(networks[name], card.networks[name], target)
    typer.echo(f"largest difference from torch: {difference:.2g} on [-1, 1]", err=True)
    print(target)
