"""What families of scores of sea-ice states are built from."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.samples import Pair, RealStates, read_states
from halocline.evaluate.engine.sets import Sets
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.features import FeatureExtractor


@dataclass(frozen=True, eq=False, kw_only=True)
class IceSets(Sets[IceCover, RealStates]):
    """Generated states, and held-out ones, one half after the other; see ``Sets``.

    Attributes:
        halves: Number of states of either half.
        features: Fixed features of a state.
        seasons: Replicates of all held-out states by whole months (replicate, sample), for bands in pictures.
    """

    halves: tuple[int, int]
    features: FeatureExtractor
    seasons: np.ndarray

    @property
    def grid(self) -> Grid:
        """The grid."""
        return self.mine.grid

    @property
    def channels(self) -> tuple[str, ...]:
        """Variables, in order."""
        return self.mine.channels

    def read(self, pairs: list[Pair]) -> np.ndarray:
        """Read states (sample, channel, y, x) of (member, time index) pairs from the store."""
        return np.asarray(read_states(self.reference, pairs, self.channels).values)
