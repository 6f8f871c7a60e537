"""Rendering: the model into text, and text onto the disk."""
