"""Seals: checksums that travel with what is written, one form for each kind of file."""
