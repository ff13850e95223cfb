"""Scores of generated states against held-out real ones, each beside its real-against-real floor."""
