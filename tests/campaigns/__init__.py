"""Campaigns: damage and hostile words, many times over, counted."""
