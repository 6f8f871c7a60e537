"""Compiles C#, runs it in child processes on several runtimes, and watches what it leaves."""
