"""Ratios of spectral power per wavelength band: below 1 is too smooth, above 1 too rough."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.physics.spectra import TileSpectrum

SHORTEST = "psd_ratio_2_4"
"""Id of the ratio of the shortest waves, two to four cells."""

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


@dataclass(frozen=True, eq=False)
class SpectrumScores:
    """Power of one set over that of the other, per variable and wavelength band.

    Attributes:
        channels: Variables, in order.
        spectrum: The tiles.
    """

    channels: tuple[str, ...]
    spectrum: TileSpectrum

    @property
    def labels(self) -> tuple[Label, ...]:
        """One ratio per variable and band; none if no tile fits between the coasts."""
        if not len(self.spectrum.corners):
            return ()
        return tuple(
            Label(f"psd_ratio_{id}", "spectral power ratio", name, "1", "one", band)
            for name in self.channels
            for id, band, _ in octaves(self.spectrum)
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the power of each state (sample, channel * ring)."""
        return self.spectrum.power(states).reshape(len(states), -1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the ratios (replicate, channel * band); 0 where the second set has no power and the first neither."""
        if not self.labels:
            return np.zeros((len(a), 0))
        members = np.stack([inside for _, _, inside in octaves(self.spectrum)], axis=1).astype(np.float64)
        first, second = (self.powers(x) @ members for x in (a, b))
        tiny = np.finfo(np.float64).tiny
        return (first / np.maximum(second, tiny)).reshape(len(a), -1)

    def powers(self, mean: np.ndarray) -> np.ndarray:
        """Return mean summaries (replicate, channel * ring) as spectra (replicate, channel, ring)."""
        return mean.reshape(len(mean), len(self.channels), -1)


@ICE_SCORES.register("spectra")
def spectra(sets: IceSets) -> list[SpectrumScores]:
    """Return the ratios of power; without labels if no tile fits between the coasts."""
    return [SpectrumScores(sets.channels, tiles_for(sets.grid))]
