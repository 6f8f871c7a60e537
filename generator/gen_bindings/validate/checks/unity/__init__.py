"""Checks of the block unity."""
