"""`img2img weights list`: which weights are for what, as a table and as JSON."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, dataclass

from img2img.config.shipped import SHIPPED, TIME, Words


@dataclass(frozen=True)
class Row:
    """Weights with a name. default: of what, "" for none. megabytes: of the file. seconds: a megapixel of the result on
    one core takes, None where it is not known."""

    name: str
    task: str
    default: str
    use: str
    weakness: str
    parameters: int
    megabytes: float
    seconds: float | None
    file: str


def rows() -> list[Row]:
    """All weights that can be used by name, those with words first; of the others their card's words."""
    from img2img.weights.find import shipped
    from img2img.weights.headers import count_parameters, read_card

    found, defaults, files = [], _defaults(), shipped()
    for name in sorted(files, key=lambda name: list(SHIPPED).index(name) if name in SHIPPED else len(SHIPPED)):
        path = files[name]
        card = read_card(path)
        words = SHIPPED.get(name, Words(card.note or card.data, "", None))
        found.append(
            Row(
                name,
                card.task,
                defaults.get(name, ""),
                words.use,
                words.weakness,
                count_parameters(path),
                round(path.stat().st_size / 1e6, 1),
                words.seconds,
                str(path),
            )
        )
    return found


def as_dicts(found: list[Row]) -> list[dict[str, object]]:
    """For scripts."""
    return [asdict(row) for row in found]


def print_table(found: list[Row]) -> None:
    """For people, in as many columns as the terminal has."""
    from rich.console import Console
    from rich.table import Table

    table = Table(caption=f"Time: {TIME}.", show_lines=True)
    for column in ("--model", "for", "does badly", "size", "time"):
        table.add_column(column, overflow="fold")
    for row in found:
        name = f"{row.name}\n({row.default})" if row.default else row.name
        size = f"{row.parameters / 1e6:.2g} M weights, {row.megabytes:g} MB"
        time = Words(row.use, row.weakness, row.seconds).time
        table.add_row(name, f"{row.task}: {row.use}", row.weakness, size, time)
    Console().print(table)


def _defaults() -> dict[str, str]:
    """{name: of what it is the default}."""
    from img2img.weights.errors import WeightsError
    from img2img.weights.find import default_inpainter, upscalers

    found: dict[str, str] = {}
    with suppress(WeightsError):  # where none are shipped
        for scale, name in upscalers().items():
            found[name] = "default" if scale == 4 else found.get(name) or f"default of --scale {scale}"
    with suppress(WeightsError):
        found[default_inpainter()] = "default"
    return found
