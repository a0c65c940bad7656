"""Recipes: how networks, adversaries and one batch become named loss terms."""
