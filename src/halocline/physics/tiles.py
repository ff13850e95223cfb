"""Tiles that are chosen anew in each field: how many cells of a kind each holds, and the power of its waves."""

from dataclasses import dataclass

import numpy as np

from halocline.physics.spectra import TileSpectrum


def tiles_of(fields: np.ndarray, tile: int) -> np.ndarray:
    """Return a view (..., row, column, tile, tile) of all tiles of fields (..., y, x), a quarter tile apart."""
    view = np.lib.stride_tricks.sliding_window_view(fields, (tile, tile), axis=(-2, -1))  # type: ignore[call-overload]
    return np.asarray(view[..., :: tile // 4, :: tile // 4, :, :])


def count_in_tiles(cells: np.ndarray, tile: int) -> np.ndarray:
    """Return how many cells of each tile are True, or the sum of counts: (..., y, x) to (..., row, column)."""
    padded = np.zeros((*cells.shape[:-2], cells.shape[-2] + 1, cells.shape[-1] + 1), np.int32)
    np.cumsum(np.cumsum(cells, axis=-2, dtype=np.int32), axis=-1, out=padded[..., 1:, 1:])
    rows, columns = (np.arange(0, size - tile + 1, tile // 4) for size in cells.shape[-2:])
    upper, lower = padded[..., rows + tile, :], padded[..., rows, :]
    strip = upper - lower
    return np.asarray(strip[..., columns + tile] - strip[..., columns])


@dataclass(frozen=True, eq=False)
class BandPower:
    """Power of tiles without land in bands of wavelength, as ``TileSpectrum`` defines it, by one matrix product.

    Window, mean under the window and Fourier transform are linear: P = sum over the band's waves of |matrix x|^2.

    Attributes:
        matrix: Pixels to real and imaginary parts of the bands' waves (tile * tile, part).
        bands: 1 where a part belongs to a band (part, band).
    """

    matrix: np.ndarray
    bands: np.ndarray

    @classmethod
    def of(cls, spectrum: TileSpectrum, rings: np.ndarray) -> "BandPower":
        """Build the matrix of the first tile of a spectrum.

        Args:
            spectrum: Its first tile must hold no land.
            rings: True on the rings of each band (band, ring).
        """
        n, window = spectrum.tile, spectrum.windows[0]
        pixels = np.eye(n * n).reshape(-1, n, n)
        mean = np.einsum("pyx,yx->p", pixels, window) / window.sum()
        waves = np.fft.fft2((pixels - mean[:, None, None]) * window) / (n * np.sqrt(np.sum(window**2)))
        bands = rings[:, spectrum.ring_index().ravel()].T
        kept = bands.any(axis=1)
        waves = waves.reshape(n * n, n * n)[:, kept]
        return cls(
            np.concatenate([waves.real, waves.imag], axis=1).astype(np.float32),
            np.concatenate([bands[kept]] * 2).astype(np.float32),
        )

    def __call__(self, tiles: np.ndarray) -> np.ndarray:
        """Return the power (n, band), unit squared, of tiles (n, tile, tile)."""
        flat = tiles.reshape(len(tiles), self.matrix.shape[0])
        flat = flat - flat.mean(axis=1, keepdims=True)  # for rounding only
        return np.asarray((flat @ self.matrix) ** 2 @ self.bands)
