"""Exports: files that another model or an assimilation system takes, one kind a file; see base.py."""
