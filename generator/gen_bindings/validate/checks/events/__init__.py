"""Checks of the block events."""
