"""Where the sides of a reference begin: the model's cold start, and one whose deep ocean is too warm, and too salty."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.eos import DINO_EOS
from halocline.spinup.run import InitialState
from halocline.worlds.dino.climate import initial_state, restoring_salinity
from halocline.worlds.dino.geometry import Geometry
from halocline.worlds.dino.parameters import ForcingParameters

WARMER = 2.0
"""Deep ocean of the warm side above that of the cold start, K; forcing that warms adds its warming."""
POLAR = 60.0
"""Latitude, degrees, beyond which the surface gives the deep ocean its salinity."""


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


def warm_salty_start(geometry: Geometry, grid: Grid, forcing: ForcingParameters) -> InitialState:
    """Return the analytic start with a warmer deep ocean, and so much more salt that its density is the cold start's.

        S = S_cold + (rho(T_cold, S_cold, z) - rho(T, S_cold, z)) / (drho/dS) + shift (1 - exp(-z / 800 m))

    with T as in ``warm_start``: about 0.45 psu for 2 K. The cold start's deep ocean has 35 psu, the salinity of the
    freshest surface that feeds it, so that its equilibrium is saltier, and this side saltier still. Density is kept,
    because the flow follows it: columns stay stable, both sides begin with one circulation, and what parts them is
    carried like a tracer in it, which is what a linear map of gaps assumes. Warm alone is light (0.34 kg m-3 at 3000 m)
    and overturns otherwise until it has cooled; salty alone is dense and shuts the deep ocean off.

    ``shift``: by how much the forcing makes the polar surface saltier than DINO's own does, if it does; this part is
    not compensated, as little as the warming of the forcing is in ``warm_start``.

    Args:
        geometry: The basin.
        grid: Its cells.
        forcing: Whose warming, and whose salinity at the poles.
    """
    warm = warm_start(geometry, grid, forcing)
    assert warm.state is not None
    thetao, so = warm.state
    cold, _ = initial_state(geometry.lat, geometry.depth)
    lighter = DINO_EOS.density(cold[:, :, None], so, grid.depth) - DINO_EOS.density(thetao, so, grid.depth)
    salt = lighter / DINO_EOS.derivatives(thetao, so, grid.depth)[1]
    polar = np.abs(geometry.lat) > POLAR
    own, dino = (restoring_salinity(geometry.lat[polar], p).mean() for p in (forcing, ForcingParameters()))
    salt = salt + max(0.0, float(own - dino)) * (1.0 - np.exp(-grid.depth / 800.0))
    return InitialState(np.where(grid.wet, np.stack([thetao, so + salt]), 0.0), 0.0)
