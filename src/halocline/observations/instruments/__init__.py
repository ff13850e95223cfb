"""Instruments that measure states, one kind a file; see base.py."""
