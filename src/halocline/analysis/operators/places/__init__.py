"""How a value at a place follows from those of cells, one file each."""
