"""Isotropic power spectra of masked fields, on windowed tiles of open ocean."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class TileSpectrum:
    """Power per ring of wavenumbers, averaged over tiles that hold (almost) no land.

    P(k) = < |FFT(w (f - <f>_w))|^2 > summed over the ring |k| in [k - 1/2, k + 1/2), divided by n^2 sum(w^2)

    ``w`` is the periodic Hann window of the tile, set to 0 on land, and ``<f>_w`` the mean of ``f`` under it: whatever
    stands on land, nothing of it enters. The sum of P over all rings is the variance of ``f`` under ``w^2`` around
    ``<f>_w`` (Parseval).

    Source: Welch 1967, "The use of fast Fourier transform for the estimation of power spectra", IEEE Trans. Audio
    Electroacoust. 15, in two dimensions.

    Attributes:
        tile: Cells on a side of a tile, n.
        spacing: Distance between cell centres, metres.
        corners: First row and column of each tile (tile, 2).
        windows: Window of each tile (tile, n, n), 0 on land.
    """

    tile: int
    spacing: float
    corners: np.ndarray
    windows: np.ndarray

    @classmethod
    def on(cls, mask: np.ndarray, spacing: float, *, tile: int, min_ocean: float = 0.95) -> "TileSpectrum":
        """Lay tiles over a mask, a quarter tile apart, and keep those with a share of ocean of at least ``min_ocean``.

        Args:
            mask: True on ocean (y, x).
            spacing: Distance between cell centres, metres.
            tile: Cells on a side, even.
            min_ocean: Least share of ocean cells, weighted by the squared window, 0..1.
        """
        hann = np.sin(np.pi * np.arange(tile) / tile) ** 2
        window = np.outer(hann, hann)
        weight = window**2 / np.sum(window**2)
        corners, windows = [], []
        step = tile // 4
        for row in range(0, mask.shape[0] - tile + 1, step):
            for column in range(0, mask.shape[1] - tile + 1, step):
                ocean = mask[row : row + tile, column : column + tile]
                if np.sum(weight * ocean) >= min_ocean - 1e-12:
                    corners.append((row, column))
                    windows.append(window * ocean)
        return cls(
            tile=tile,
            spacing=spacing,
            corners=np.array(corners, np.int64).reshape(-1, 2),
            windows=np.array(windows, np.float64).reshape(-1, tile, tile),
        )

    @property
    def rings(self) -> np.ndarray:
        """Wavenumbers of all rings (ring,), cycles per tile, from 0 to the corner of the wavenumber plane."""
        return np.arange(self.ring_index().max() + 1)

    @property
    def modes(self) -> np.ndarray:
        """Number of modes of each ring (ring,)."""
        return np.bincount(self.ring_index().ravel())

    @property
    def wavelengths(self) -> np.ndarray:
        """Wavelength of each ring (ring,), metres; infinite for ring 0."""
        with np.errstate(divide="ignore"):
            return self.tile * self.spacing / self.rings

    def power(self, fields: np.ndarray) -> np.ndarray:
        """Return the power per ring, averaged over the tiles.

        Args:
            fields: (..., y, x), any unit; values on land are ignored (they may be NaN).

        Returns:
            (..., ring), unit of ``fields`` squared.
        """
        n = self.tile
        rings = self.ring_index().ravel()
        total = np.zeros((*fields.shape[:-2], len(self.rings)))
        one_hot = (rings[:, None] == self.rings[None, :]).astype(np.float32)
        for (row, column), window in zip(self.corners, self.windows, strict=True):
            piece = np.where(window > 0, fields[..., row : row + n, column : column + n], 0.0)
            mean = np.einsum("...yx,yx->...", piece, window) / window.sum()
            spectrum = np.fft.fft2((piece - mean[..., None, None]) * window)
            energy = (spectrum.real**2 + spectrum.imag**2) / (n**2 * np.sum(window**2))
            total += energy.reshape(*fields.shape[:-2], n * n) @ one_hot
        return total / max(1, len(self.corners))

    def ring_index(self) -> np.ndarray:
        """Return the ring (n, n) of each wave of a tile's Fourier transform."""
        k = np.fft.fftfreq(self.tile, 1.0 / self.tile)
        return np.rint(np.hypot(k[:, None], k[None, :])).astype(np.int64)
