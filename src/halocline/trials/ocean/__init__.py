"""Ocean states tried in Veros."""
