"""Ensembles of states that agree with observations: operators, methods, output."""
