"""How far a run is, and what changes with it: noise that fades, holes that grow, networks that grow."""

from __future__ import annotations


class FollowsProgress:
    """A part that changes in the course of a run. The trainer calls `follow_progress` of each before every step."""

    def follow_progress(self, progress: float) -> bool:
        """Goes to a share of the run, 0 to 1. Returns whether graphs that were compiled for it no longer fit."""
        raise NotImplementedError
