"""States on other cells: conservative remapping, coarse graining, cropping."""
