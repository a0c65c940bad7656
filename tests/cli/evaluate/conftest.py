from __future__ import annotations

from pathlib import Path

import pytest
from support.drawing import write_pictures


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """Three pictures, one of them grey, whose sides are not all multiples of 4."""
    return write_pictures(tmp_path / "truth", {"1.png": (40, 48, 3), "2.png": (41, 48, 3), "in/3.png": (42, 48, 1)})
