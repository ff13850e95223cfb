"""Columns of a state: thickness categories, snow on them, temperature in their layers, all consistent with the bulk."""

from dataclasses import dataclass

import numpy as np

from halocline.bridge.restarts.members import Member
from halocline.physics.ice_enthalpy import IceConstants
from halocline.physics.ice_profile import Profile, steady_profile
from halocline.physics.thickness_categories import share_out


@dataclass(frozen=True, eq=False)
class Columns:
    """Ice by thickness category.

    Attributes:
        area: Concentration (category, y, x).
        volume: Ice volume per area of the cell (category, y, x), m.
        snow: Snow volume per area of the cell (category, y, x), m.
        ice: Where a category holds ice (category, y, x).
        temperature: Of surface, snow and ice, degC; meaningless without ice.
    """

    area: np.ndarray
    volume: np.ndarray
    snow: np.ndarray
    ice: np.ndarray
    temperature: Profile

    @property
    def thickness(self) -> np.ndarray:
        """Mean thickness of the ice (category, y, x), m; 1 where there is none."""
        return np.divide(self.volume, self.area, out=np.ones_like(self.area), where=self.ice)


@dataclass(frozen=True, eq=False)
class Layering:
    """How a model divides its ice.

    Attributes:
        bounds: Of the categories (category + 1,), m.
        layers: Number of layers of ice and of snow.
        least: Thinnest ice, m.
        freezing: Of the water below, degC.
        constants: Of its column physics.
    """

    bounds: np.ndarray
    layers: tuple[int, int]
    least: float
    freezing: float
    constants: IceConstants


def columns_of(member: Member, air: np.ndarray, how: Layering) -> Columns:
    """Return the columns of a consistent state; snow lies in proportion to the ice below it.

    Args:
        member: The state.
        air: Air temperature (y, x), degC.
        how: The model's division.
    """
    f = member.fields
    area, volume = share_out(f["sic"], f["sit"], how.bounds, how.least)
    ice = area > 0
    depth = np.divide(f["snt"], f["sit"], out=np.zeros_like(f["sit"]), where=f["sit"] > 0)  # of snow, per m of ice
    thickness = np.divide(volume, area, out=np.ones_like(area), where=ice)
    profile = steady_profile(thickness, thickness * depth, air, how.freezing, how.layers, how.constants)
    return Columns(area, volume, volume * depth, ice, profile)
