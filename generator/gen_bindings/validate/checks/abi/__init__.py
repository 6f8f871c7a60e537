"""Checks of the block abi."""
