"""How much memory is free, so that small sets can stay decoded."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

ASSUMED = 4 * 2**30
"""Bytes taken to be free where the system does not say."""

CGROUP = Path("/sys/fs/cgroup")


def free_memory(cgroup: Path = CGROUP) -> int:
    """Bytes that a process can still take: what the machine has free, and what a container's limit leaves of it."""
    free = _free_of_machine()
    with suppress(OSError, ValueError):  # no cgroup, or "max": no limit
        limit = int((cgroup / "memory.max").read_text())
        free = min(free, limit - int((cgroup / "memory.current").read_text()))
    return max(free, 0)


def _free_of_machine() -> int:
    with suppress(OSError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) * 1024
    with suppress(AttributeError, ValueError, OSError):  # no sysconf on Windows, and no such name on some systems
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return ASSUMED
