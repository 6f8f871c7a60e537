"""Searches the schedules of a compiled binding against a library that does all that its contract allows."""
