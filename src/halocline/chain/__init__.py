"""The chain that draws states: codec, latent space, denoiser, constraints, solver."""
