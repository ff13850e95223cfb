"""Where the sides of a reference begin: the model's cold start, and one whose deep ocean is too warm."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.spinup.run import InitialState
from halocline.worlds.dino.climate import initial_state
from halocline.worlds.dino.geometry import Geometry
from halocline.worlds.dino.parameters import ForcingParameters

WARMER = 2.0
"""Deep ocean of the warm side above that of the cold start, K; forcing that warms adds its warming."""


@dataclass(frozen=True, eq=False)
class Case:
    """A forcing whose equilibrium is to be known.

    Attributes:
        name: Name of its folder.
        forcing: The parameters.
        other: Start of the side that is not the cold start.
        other_words: What that start is.
    """

    name: str
    forcing: ForcingParameters
    other: InitialState
    other_words: str


def warm_start(geometry: Geometry, grid: Grid, forcing: ForcingParameters) -> InitialState:
    """Return the analytic start with a warmer deep ocean, on 1 January.

        T = T_cold + (WARMER + max(0, warming)) (1 - exp(-z / 800 m))

    Args:
        geometry: The basin.
        grid: Its cells.
        forcing: Whose warming.
    """
    thetao, so = initial_state(geometry.lat, geometry.depth)
    thetao = thetao + (WARMER + max(0.0, forcing.warming)) * (1.0 - np.exp(-geometry.depth / 800.0))[:, None]
    fields = [np.broadcast_to(field[:, :, None], grid.wet.shape) for field in (thetao, so)]
    return InitialState(np.where(grid.wet, fields, 0.0), 0.0)
