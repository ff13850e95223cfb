"""Known equilibria: two runs from opposite sides, extrapolated, and proved by years of the plain model."""
