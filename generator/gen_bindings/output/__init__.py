"""The output folder: what stands there, what is to, and how the one becomes the other whole or not at all."""
