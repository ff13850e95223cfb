"""Ways from observations and a generator to an ensemble, one file each."""
