"""Power per mode as a multiple of white noise, by wavelength: long waves on the plane, short ones inside tiles."""

from dataclasses import dataclass

import numpy as np

from halocline.physics.spectra import TileSpectrum

TILE, LEAST_TILE = 16, 8
_FIRST_RING = 2  # the ring before it loses a third of its power with the mean under the window


@dataclass(frozen=True, eq=False)
class ModePower:
    """Power of the modes of fields; white noise of unit variance has power 1 in each.

    Waves of up to two thirds of a tile are those of tiles inside a part of the plane, longer ones those of the whole
    plane, land 0.

    Attributes:
        wavelength: Wavelength of each ring of modes (ring,), cells; infinite for the mean.
        count: Modes of each ring in the area of a tile (ring,).
        power: (channel, ring).
        tiles: Tiles that were inside, over all states (channel,); power is NaN where there are none.
    """

    wavelength: np.ndarray
    count: np.ndarray
    power: np.ndarray
    tiles: np.ndarray

    @classmethod
    def of(cls, fields: np.ndarray, mask: np.ndarray, inside: np.ndarray, *, least: float = 1.0) -> "ModePower | None":
        """Measure fields of unit variance; None if not even tiles of LEAST_TILE cells are inside.

        Args:
            fields: (state, channel, y, x), 0 outside the mask.
            mask: Cells where there are fields (channel or 1, y, x).
            inside: Where tiles may lie (state or 1, channel or 1, y, x).
            least: Least share of a tile that is inside, by TileSpectrum.
        """
        for tile in (TILE, LEAST_TILE):
            power, modes, tiles = _tile_power(fields, inside, tile, least)
            if tiles.all():
                break
        if not tiles.any():
            return None
        long_wave, wavelength, count = _plane_power(fields, mask, tile)
        rings = np.arange(_FIRST_RING, tile // 2 + 1)
        return cls(
            np.concatenate([wavelength, tile / rings]),
            np.concatenate([count, modes[rings]]),
            np.concatenate([long_wave, power[:, rings]], axis=1),
            tiles,
        )

    def band(self, above: float, up_to: float) -> np.ndarray:
        """Return which rings (ring,) hold waves longer than ``above`` and up to ``up_to`` cells."""
        return (self.wavelength > above) & (self.wavelength <= up_to)


def _tile_power(
    fields: np.ndarray, inside: np.ndarray, tile: int, least: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return power per mode (channel, ring) in tiles, NaN without any, modes (ring,) and number of tiles (channel,)."""
    channels, parts = fields.shape[1], inside.shape[1]
    modes = TileSpectrum.on(np.zeros((tile, tile), bool), 1.0, tile=tile).modes
    total, tiles = np.zeros((channels, len(modes))), np.zeros(channels, int)
    for k, state in enumerate(inside):
        part = fields if len(inside) == 1 else fields[k : k + 1]
        for c, where in enumerate(state):
            mine = slice(None) if parts == 1 else slice(c, c + 1)
            spectrum = TileSpectrum.on(where, 1.0, tile=tile, min_ocean=least)
            total[mine] += spectrum.power(part[:, mine]).sum(axis=0) * len(spectrum.corners)
            tiles[mine] += len(spectrum.corners) * len(part)
    with np.errstate(invalid="ignore"):
        return total / tiles[:, None] * tile**2 / modes, modes, tiles


def _plane_power(fields: np.ndarray, mask: np.ndarray, tile: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return power per mode (channel, ring), wavelength and count (ring,) of waves longer than those of tiles."""
    ny, nx = fields.shape[-2:]
    per_cell = np.hypot(np.fft.fftfreq(ny)[:, None], np.fft.fftfreq(nx)[None])
    long = per_cell < (_FIRST_RING - 0.5) / tile
    ring = np.rint(per_cell[long] * max(ny, nx)).astype(int)
    share = np.broadcast_to(np.maximum(mask.mean(axis=(-2, -1)), 1e-9), fields.shape[1])
    power = np.zeros((fields.shape[1], long.sum()))
    for field in fields:
        power += np.abs(np.fft.fft2(field)[:, long]) ** 2 / (ny * nx) / len(fields)
    count = np.bincount(ring)
    there = count > 0
    mean = np.stack([np.bincount(ring, row)[there] for row in power]) / count[there] / share[:, None]
    with np.errstate(divide="ignore"):
        wavelength = max(ny, nx) / np.flatnonzero(there)
    return mean, wavelength, count[there] * (tile**2 / (ny * nx))
