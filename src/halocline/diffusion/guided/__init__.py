"""Denoisers that wrap a denoiser so that what is drawn agrees with measurements."""
