"""The checksums in a checkpoint of torch.save, which is a zip archive; torch itself does not look at them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from img2img.config.base import Refusal

_PIECE = 1 << 20


def require_undamaged(path: Path) -> None:
    """Raises Refusal naming the part of the archive that is not what was saved. What is no archive passes.

    A checksum of 0 is none: torch.serialization.set_crc32_options(False) leaves them out.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if part.CRC and not _is_whole(archive, part):
                name = part.filename if part.filename.isprintable() else "a part"
                raise Refusal(f"{path}: damaged: {name[:100]} in it is not what was saved, by its checksum")


def _is_whole(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    try:
        with archive.open(part) as content:
            while content.read(_PIECE):
                pass
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return False
    except (NotImplementedError, RuntimeError):  # packed or locked in a way that torch has none of, and says so
        return True
    return True
