"""What families of scores of ocean states are built from."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.sets import Sets
from halocline.evaluate.ocean.normalised import NormalisedSpace
from halocline.evaluate.ocean.split import Floor
from halocline.evaluate.ocean.states import OceanSet
from halocline.physics.eos import EquationOfState


@dataclass(frozen=True, eq=False, kw_only=True)
class OceanSets(Sets[OceanSet, OceanSet]):
    """Generated and real states; see ``Sets``.

    Attributes:
        eos: Equation of state for stability.
        floor: How the real states are dealt in two, see ``ocean_weights``; None if they are not, without a floor.
        matched: Whether the states were drawn for the forcing of the real ones' members.
    """

    eos: EquationOfState
    floor: Floor | None
    matched: bool

    @property
    def generated(self) -> np.ndarray:
        """Generated states (sample, channel, y, x), dry cells 0."""
        return self.mine.values

    @property
    def real(self) -> np.ndarray:
        """Real states (sample, channel, y, x), dry cells 0."""
        return self.truth.values

    @property
    def layout(self) -> GridLayout:
        """Channels and cells."""
        return self.mine.layout

    @cached_property
    def space(self) -> NormalisedSpace:
        """Where distances between states are taken."""
        statistics = self.reference.statistics
        return NormalisedSpace.of(self.layout, np.array([statistics[c]["std"] for c in self.layout.fields.channels]))
