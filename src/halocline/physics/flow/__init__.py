"""Velocities in balance: the faces of a C grid, pressure, the equator, the wind."""
