"""Scores of states against a reference, each beside its real-against-real floor."""
