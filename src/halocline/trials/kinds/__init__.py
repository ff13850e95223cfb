"""The worlds in which states are tried: one file each."""
