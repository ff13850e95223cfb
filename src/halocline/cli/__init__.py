"""The command line; one file per command, no torch on the way to --help."""

from halocline.cli.main import main

__all__ = ["main"]
