"""Tiles of a grid for spectra, and the wavelength bands of their rings."""

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.spectra import TileSpectrum

_LEAST_TILES = 4


def tiles_for(grid: Grid, wet: np.ndarray | None = None) -> TileSpectrum:
    """Return the largest tiles, up to a quarter of the grid, of which at least four hold no more than 5 % of land.

    Where even tiles of 8 cells do not fit, the spectrum has no tiles. ``wet`` (y, x) is where all fields have values.
    """
    tile = max(8, 2 ** int(np.log2(max(8, min(grid.shape) // 4))))
    while True:
        spectrum = TileSpectrum.on(grid.mask if wet is None else wet, grid.spacing, tile=tile)
        if len(spectrum.corners) >= _LEAST_TILES or tile == 8:
            return spectrum
        tile //= 2


def octaves(spectrum: TileSpectrum) -> list[tuple[str, str, np.ndarray]]:
    """Return the wavelength bands of a spectrum: octaves from two cells to a tile, shortest first.

    Returns:
        (id in cells such as ``2_4``, name such as ``200-400 km``, True on the rings (ring,) of the band); rings beyond
        the Nyquist ring are in none.
    """
    cells = np.full(len(spectrum.rings), np.inf)
    cells[1:] = spectrum.tile / spectrum.rings[1:]
    top = int(np.log2(spectrum.tile)) - 1
    inside = (spectrum.rings >= 1) & (spectrum.rings <= spectrum.tile // 2)
    octave = np.where(inside, np.minimum(np.floor(np.log2(np.where(inside, cells, 2.0)) + 1e-9), top), -1)
    km = spectrum.spacing / 1000.0
    return [
        (f"{2**j}_{2 ** (j + 1)}", f"{round(2**j * km, 1):g}-{round(2 ** (j + 1) * km, 1):g} km", octave == j)
        for j in range(1, top + 1)
    ]
