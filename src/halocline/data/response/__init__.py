"""How an ocean's equilibrium answers its forcing: a smooth surface over the members of an ensemble."""
