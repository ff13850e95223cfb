"""Constraints on states: residual, project, tolerance."""
