"""Figures of sea-ice states."""
