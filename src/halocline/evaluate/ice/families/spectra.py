"""Ratios of spectral power per wavelength band: below 1 is too smooth, above 1 too rough."""

from dataclasses import dataclass

import numpy as np

from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.tiles import octaves, tiles_for
from halocline.physics.spectra import TileSpectrum

SHORTEST = "psd_ratio_2_4"
"""Id of the ratio of the shortest waves, two to four cells."""


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
