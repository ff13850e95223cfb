"""Forecasting: a trained surrogate or a baseline, step by step, tile by tile, into a file."""
