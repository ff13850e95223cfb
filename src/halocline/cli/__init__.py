"""The command line; one file per command, no torch on the way to --help."""
