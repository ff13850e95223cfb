"""Fixed features of a state, the space in which the Fréchet distance is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.sea_ice import ice_area, miz_area, volume

_SMOOTH = 1e-3  # standard deviations; a field this smooth is constant


class FeatureExtractor(Protocol):
    """A fixed function from states to features, the same for every model that is compared.

    Attributes:
        name: Written into reports: distances of different extractors cannot be compared.
    """

    @property
    def name(self) -> str:
        """Name of the extractor."""

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Return features (sample, feature) of states (sample, channel, y, x) in physical units, land = 0."""


def load_extractor(
    grid: Grid, channels: Sequence[str], statistics: Mapping[str, Mapping[str, float]]
) -> FeatureExtractor:
    """Return the encoder that ships in the wheel if it fits grid and variables, else the hand-made features.

    Args:
        grid: The grid of the states.
        channels: Their variables, in order.
        statistics: Mean and std per variable of the reference store (physical units).
    """
    from halocline.evaluate.ice.extractor_net import load  # PyTorch is imported only here

    return load(grid, channels) or HandFeatures.of(grid, channels, statistics)


def pooled(latent: np.ndarray, ocean: np.ndarray) -> np.ndarray:
    """Return mean and standard deviation over the ocean of each latent channel.

    Pooling keeps the number of features far below the number of states, as a covariance needs.

    Args:
        latent: (sample, channel, y, x).
        ocean: Share of ocean in each latent cell (y, x), 0..1.

    Returns:
        (sample, 2 * channel): all means, then all standard deviations.
    """
    weights = (ocean / ocean.sum()).astype(np.float64)
    mean = np.einsum("scyx,yx->sc", latent, weights)
    variance = np.einsum("scyx,yx->sc", (latent - mean[:, :, None, None]) ** 2, weights)
    return np.concatenate([mean, np.sqrt(variance)], axis=1)


@dataclass(frozen=True, eq=False)
class HandFeatures:
    """Features a sea-ice scientist would list, standardised with the statistics of the reference store.

    Per variable over the ocean: mean, standard deviation, and roughness: the logarithm of the root-mean-square
    difference of neighbouring cells, so that smoothing by a factor counts the same for all variables. With
    concentration: ice area and area of the marginal ice zone as shares of the ocean; with thickness: mean thickness
    over the ocean. Area-weighted where an area is meant.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        mean: Subtracted per channel (channel,).
        std: Divided by per channel (channel,).
    """

    grid: Grid
    channels: tuple[str, ...]
    mean: np.ndarray
    std: np.ndarray
    name: str = "hand-made features, version 1"

    @classmethod
    def of(cls, grid: Grid, channels: Sequence[str], statistics: Mapping[str, Mapping[str, float]]) -> "HandFeatures":
        """Build the features with a store's statistics."""
        mean = np.array([statistics[name]["mean"] for name in channels], np.float32)
        std = np.array([statistics[name]["std"] for name in channels], np.float32)
        return cls(grid, tuple(channels), mean, np.where(std > 0, std, np.float32(1.0)))

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Return the features (sample, feature)."""
        mask, area = self.grid.mask, self.grid.area
        scaled = (states - self.mean[:, None, None]) / self.std[:, None, None]
        columns = [pooled(scaled, mask.astype(np.float64)), self._roughness(scaled)]
        total = area[mask].sum()
        if "sic" in self.channels:
            sic = states[:, self.channels.index("sic")]
            columns += [ice_area(sic, area, mask)[:, None] / total, miz_area(sic, area, mask)[:, None] / total]
        if "sit" in self.channels:
            sit = states[:, self.channels.index("sit")]
            columns.append(volume(sit, area, mask)[:, None] / total / float(self.std[self.channels.index("sit")]))
        return np.concatenate(columns, axis=1)

    def _roughness(self, scaled: np.ndarray) -> np.ndarray:
        mask = self.grid.mask
        along_x, along_y = mask[:, 1:] & mask[:, :-1], mask[1:] & mask[:-1]
        dx, dy = np.diff(scaled, axis=-1)[..., along_x], np.diff(scaled, axis=-2)[..., along_y]
        squares: np.ndarray = (dx**2).sum(axis=-1) + (dy**2).sum(axis=-1)
        return np.log(np.sqrt(squares / max(1, along_x.sum() + along_y.sum())) + _SMOOTH)
