"""Paths from data to noise: x_t = alpha(t) x_0 + sigma(t) eps, one file each."""
