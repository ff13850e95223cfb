"""Measurements: one table of them from any source, on a model's grid, made, read and written."""
