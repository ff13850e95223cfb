"""Processes of a run: they end with the one that started them, and hold its lock as long as they live."""
