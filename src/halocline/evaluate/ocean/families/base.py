"""What families of scores of ocean states are built from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.store import StateStore
from halocline.evaluate.ocean.normalised import NormalisedSpace, channel_std
from halocline.evaluate.ocean.states import OceanSet
from halocline.physics.eos import EquationOfState


@dataclass(frozen=True, eq=False)
class OceanSets:
    """Both sets of states, and what else scores may need.

    Attributes:
        mine: Generated states.
        truth: Real states.
        training: Training states in memory.
        reference: The store.
        eos: Equation of state for stability.
    """

    mine: OceanSet
    truth: OceanSet
    training: OceanSet
    reference: StateStore
    eos: EquationOfState

    @property
    def layout(self) -> GridLayout:
        """Channels and cells."""
        return self.mine.layout

    @property
    def generated(self) -> np.ndarray:
        """Generated states (sample, channel, y, x), dry cells 0."""
        return self.mine.values

    @property
    def real(self) -> np.ndarray:
        """Real states (sample, channel, y, x), dry cells 0."""
        return self.truth.values

    @cached_property
    def space(self) -> NormalisedSpace:
        """Where distances between states are taken."""
        return NormalisedSpace.of(self.layout, channel_std(self.reference, self.layout.fields))
