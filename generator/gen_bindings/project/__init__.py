"""A configuration opened: the version asked for, what it names, and whether the last output still stands."""
