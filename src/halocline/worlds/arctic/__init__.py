"""The Arctic world: brittle sea ice under synthetic weather."""
