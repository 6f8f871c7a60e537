"""One check per file, named after what it finds."""
