"""The data factory: an ensemble of equilibria, each member begun where the finished ones say that it will end."""
