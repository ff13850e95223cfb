"""The constraints that can be chosen by name, one a file."""
