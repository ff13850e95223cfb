"""Halocline draws sea-ice and ocean states that obey physics, and steps them forward in time."""

__version__ = "0.1.0"
