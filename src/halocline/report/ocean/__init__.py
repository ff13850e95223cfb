"""Figures of ocean states."""
