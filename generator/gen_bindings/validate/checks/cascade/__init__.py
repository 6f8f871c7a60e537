"""Checks of the block cascade."""
