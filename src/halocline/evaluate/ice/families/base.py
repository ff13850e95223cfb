"""What families of scores of sea-ice states are built from."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.rate import Weights
from halocline.evaluate.engine.samples import Pair, RealStates, read_states
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.features import FeatureExtractor


@dataclass(frozen=True, eq=False)
class IceSets:
    """All that an evaluation reads: both sets of states, and what else scores and pictures may need.

    Attributes:
        mine: Generated states.
        truth: Held-out states, one half after the other.
        halves: Number of states of either half.
        training: Training states in memory.
        reference: The store.
        features: Fixed features of a state.
        weights: Replicates of both sets, for values, floors and their intervals.
        seasons: Replicates of all held-out states by whole months (replicate, sample), for bands in pictures.
        notes: What the reader of the scores must know of the states.
    """

    mine: IceCover
    truth: IceCover
    halves: tuple[int, int]
    training: RealStates
    reference: StateStore
    features: FeatureExtractor
    weights: Weights
    seasons: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid."""
        return self.mine.grid

    @property
    def channels(self) -> tuple[str, ...]:
        """Variables, in order."""
        return self.mine.channels

    @property
    def generated(self) -> np.ndarray:
        """Generated states (sample, channel, y, x), physical units, land = 0."""
        return self.mine.states

    @property
    def real(self) -> np.ndarray:
        """Held-out states (sample, channel, y, x)."""
        return self.truth.states

    def read(self, pairs: list[Pair]) -> np.ndarray:
        """Read states (sample, channel, y, x) of (member, time index) pairs from the store."""
        return read_states(self.reference, pairs, self.channels).values
