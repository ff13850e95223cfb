"""Physics as pure functions with units. Knows no network."""
