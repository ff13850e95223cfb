"""What families of scores of sea-ice states are built from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import Pair, RealStates
from halocline.evaluate.ice.features import FeatureExtractor


@dataclass(frozen=True, eq=False)
class IceSets:
    """Both sets of states, and what else scores may need.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        generated: Generated states (sample, channel, y, x), physical units, land = 0.
        real: Held-out states (sample, channel, y, x).
        training: Training states in memory.
        reference: The store.
        features: Fixed features of a state.
        read: Reads states (sample, channel, y, x) of (member, time index) pairs from the store.
    """

    grid: Grid
    channels: tuple[str, ...]
    generated: np.ndarray
    real: np.ndarray
    training: RealStates
    reference: StateStore
    features: FeatureExtractor
    read: Callable[[list[Pair]], np.ndarray]
