"""Checks of C# that people wrote, against the same model that the generator works from."""
