"""Scores of ocean states."""
