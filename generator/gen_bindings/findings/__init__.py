"""Findings: what a check is, what it found, and the forms in which findings are written."""
