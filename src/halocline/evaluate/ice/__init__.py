"""Scores of sea-ice states."""
