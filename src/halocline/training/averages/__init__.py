"""Averages of weights: one while training, several chosen after it."""
