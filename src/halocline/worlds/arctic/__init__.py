"""The Arctic world: brittle sea ice under synthetic weather, on the real coast.

``simulate`` (run.py) writes a store; ``arctic_grid`` (domain.py) gives its grid.
"""
