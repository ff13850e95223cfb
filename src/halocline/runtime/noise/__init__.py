"""Noise by a counter-based generator that any device computes alike: an integer hash, then normals of it."""
