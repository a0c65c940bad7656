"""What is tortured, by name: a new subject is a function that gives a `Subject`, and a row here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torture import Subject
from torture_pictures import pictures

SUBJECTS: Mapping[str, Callable[[], Subject]] = {"pictures": pictures}
