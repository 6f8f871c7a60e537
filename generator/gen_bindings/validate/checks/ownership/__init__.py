"""Checks of the block ownership."""
