"""Generating: from a model folder to states with provenance."""
