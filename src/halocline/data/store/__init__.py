"""The training store: splits by years, members, statistics."""
