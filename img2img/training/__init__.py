"""The one loop, and what a run leaves in its folder."""
