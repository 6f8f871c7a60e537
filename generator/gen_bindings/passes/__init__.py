"""Decisions: one per module, named after it; each reads data and returns data."""
