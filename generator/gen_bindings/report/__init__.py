"""Findings and models turned into text for people and other tools."""
