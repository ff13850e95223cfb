"""What families of scores of ocean states are built from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.rate import Weights
from halocline.evaluate.ocean.normalised import NormalisedSpace, channel_std
from halocline.evaluate.ocean.split import Floor
from halocline.evaluate.ocean.states import OceanSet
from halocline.physics.eos import EquationOfState


@dataclass(frozen=True, eq=False)
class OceanSets:
    """All that an evaluation reads: both sets of states, and what else scores and pictures may need.

    Attributes:
        mine: Generated states.
        truth: Real states.
        training: Training states in memory.
        reference: The store.
        eos: Equation of state for stability.
        weights: Replicates of both sets, for values, floors and their intervals.
        floor: How the real states are dealt in two, see ``ocean_weights``.
        matched: Whether the states were drawn for the forcing of the real ones' members.
        notes: What the reader of the scores must know of the states.
    """

    mine: OceanSet
    truth: OceanSet
    training: OceanSet
    reference: StateStore
    eos: EquationOfState
    weights: Weights
    floor: Floor
    matched: bool
    notes: tuple[str, ...] = ()

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
