"""Checks of the block threads."""
