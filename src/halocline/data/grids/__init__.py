"""Grids: horizontal cells, levels, projections."""
