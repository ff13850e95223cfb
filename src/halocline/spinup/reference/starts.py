"""Where the sides of a reference begin: the model's cold start, and one whose deep ocean is too warm, and too salty."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.eos import DINO_EOS
from halocline.spinup.run import InitialState
from halocline.worlds.dino.climate import FREEZING, initial_state, restoring_salinity, restoring_temperature
from halocline.worlds.dino.geometry import Geometry
from halocline.worlds.dino.parameters import ForcingParameters

WARMER = 2.0
"""Deep ocean of the warm side above that of the cold start, K; forcing that warms adds its warming."""
POLAR = 60.0
"""Latitude, degrees, beyond which the surface gives the deep ocean its temperature and salinity."""
COOLER = 0.5
"""Winter temperature of the polar surface below that of DINO's own forcing from which on the cold start's deep ocean,
of 2 degC, is taken to be warmer than its equilibrium, K. At R8, with a warming of -1.5 K, both a cold and a warm side
led to 1.0 degC."""
WARM_SALTY = "the cold start with a warmer and saltier deep ocean of the same density"
COLD_FRESH = "the cold start with a colder and fresher deep ocean of the same density"


@dataclass(frozen=True, eq=False)
class Case:
    """A forcing whose equilibrium is to be known.

    Attributes:
        name: Name of its folder.
        forcing: The parameters.
        other: Start of the side that is not the cold start; None for the mirror image of what the cold side has ahead
            of it after its plain years (see tail.mirrored).
        other_words: What that start is.
    """

    name: str
    forcing: ForcingParameters
    other: InitialState | None
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


def cold_start_lies_above(geometry: Geometry, forcing: ForcingParameters) -> bool:
    """Tell whether a forcing cools the poles so much that the cold start's deep ocean is warmer than its equilibrium.

    The deep ocean takes the temperature of the polar surface in winter; see COOLER.
    """
    own, dino = (_polar_temperature(geometry, p) for p in (forcing, ForcingParameters()))
    return own - dino < -COOLER


def far_start(geometry: Geometry, grid: Grid, forcing: ForcingParameters) -> tuple[InitialState, str]:
    """Return a start on the far side of the equilibrium from the cold start, and what it is.

    ``compensated_start``, warm and salty; where the forcing cools the poles (``cold_start_lies_above``) cold and fresh.
    """
    if cold_start_lies_above(geometry, forcing):
        return compensated_start(geometry, grid, forcing, -1), COLD_FRESH
    return compensated_start(geometry, grid, forcing, 1), WARM_SALTY


def compensated_start(geometry: Geometry, grid: Grid, forcing: ForcingParameters, sign: int) -> InitialState:
    """Return the analytic start with a warmer (sign 1) or colder (-1) deep ocean, salted to the cold start's density.

        T = T_cold + sign (WARMER + d) (1 - exp(-z / 800 m)),  T >= FREEZING
        S = S_cold + (rho(T_cold, S_cold, z) - rho(T, S_cold, z)) / (drho/dS) + shift (1 - exp(-z / 800 m))

    some 0.4 psu for 2 K. The cold start's deep ocean has 35 psu, the salinity of the freshest surface that feeds it
    under DINO's own forcing: its equilibrium is warmer and saltier, and this side is both still more. Density is kept,
    because the flow follows it: columns stay stable, both sides begin with one circulation, and what parts them is
    carried like a tracer in it, which is what a linear map of gaps assumes. Warm alone is light (0.34 kg m-3 at 3000 m)
    and overturns otherwise until it has cooled; salty alone is dense and shuts the deep ocean off.

    ``d`` and ``shift``: by how much the forcing itself warms, and makes the polar surface saltier than DINO's, in the
    direction of ``sign``; these are not compensated.

    Args:
        geometry: The basin.
        grid: Its cells.
        forcing: Whose.
        sign: 1 or -1.
    """
    cold, salt = (field[:, :, None] for field in initial_state(geometry.lat, geometry.depth))
    deep = 1.0 - np.exp(-geometry.depth / 800.0)[:, None, None]
    thetao = np.maximum(cold + sign * (WARMER + max(0.0, sign * forcing.warming)) * deep, np.minimum(cold, FREEZING))
    lighter = DINO_EOS.density(cold, salt, grid.depth) - DINO_EOS.density(thetao, salt, grid.depth)
    so = salt + lighter / DINO_EOS.derivatives(thetao, salt, grid.depth)[1]
    polar = np.abs(geometry.lat) > POLAR
    own, dino = (restoring_salinity(geometry.lat[polar], p).mean() for p in (forcing, ForcingParameters()))
    so = so + sign * max(0.0, sign * float(own - dino)) * deep
    fields = [np.broadcast_to(field, grid.wet.shape) for field in (thetao, so)]
    return InitialState(np.where(grid.wet, fields, 0.0), 0.0)


def _polar_temperature(geometry: Geometry, forcing: ForcingParameters) -> float:
    lat = geometry.lat[np.abs(geometry.lat) > POLAR]
    winter = np.minimum(restoring_temperature(lat, 20.0, forcing), restoring_temperature(lat, 200.0, forcing))
    return float(np.maximum(winter, FREEZING).mean())
