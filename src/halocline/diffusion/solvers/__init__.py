"""Solvers: noise to x_0 in N passes of a denoiser; one file each, found by name."""
