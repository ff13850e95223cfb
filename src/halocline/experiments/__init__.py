"""Compositions that end in a table and a page: the demo, the spin-up experiment."""
