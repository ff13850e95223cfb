"""The prognostic state of the ice and its slab ocean."""

from dataclasses import dataclass, fields

import numpy as np

from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.parameters import THERMODYNAMICS


@dataclass(eq=False)
class IceState:
    """Ice, snow and mixed layer; float64 (y, x) unless said otherwise.

    Attributes:
        sit: Ice volume per cell area, m.
        sic: Ice concentration, 0..1.
        snow: Snow volume per cell area (SNT), m.
        damage: SID, 0 = intact, below 1.
        surface: Surface temperature of ice or snow, K.
        ocean: Mixed-layer temperature, K.
        u: Drift along x on corners (y + 1, x + 1), float32, m/s; at the end of the last step.
        v: Drift along y on corners, float32, m/s.
        u_mean: Mean of ``u`` over the last 2 h, float32.
        v_mean: Mean of ``v`` over the last 2 h, float32.
        s11: Thickness-integrated stress along x, float32, N/m.
        s22: Thickness-integrated stress along y, float32, N/m.
        s12: Thickness-integrated shear stress, float32, N/m.
    """

    sit: np.ndarray
    sic: np.ndarray
    snow: np.ndarray
    damage: np.ndarray
    surface: np.ndarray
    ocean: np.ndarray
    u: np.ndarray
    v: np.ndarray
    u_mean: np.ndarray
    v_mean: np.ndarray
    s11: np.ndarray
    s22: np.ndarray
    s12: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all fields by name, for a restart."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def copy(self) -> "IceState":
        """Return an independent copy."""
        return IceState(**{name: values.copy() for name, values in self.arrays().items()})

    def clear_where(self, empty: np.ndarray) -> None:
        """Set every ice field to exact zeros where ``empty`` (y, x)."""
        for values in (self.sit, self.sic, self.snow, self.damage, self.s11, self.s22, self.s12):
            values[empty] = 0.0


def empty_state(domain: Domain, sst: np.ndarray) -> IceState:
    """Return open water of temperature ``sst`` (y, x), K."""
    cells, corners = domain.ocean.shape, domain.corner_free.shape
    return IceState(
        **{name: np.zeros(cells) for name in ("sit", "sic", "snow", "damage")},
        surface=np.full(cells, THERMODYNAMICS.freezing),
        ocean=np.where(domain.ocean, np.maximum(sst, THERMODYNAMICS.freezing), THERMODYNAMICS.freezing),
        **{name: np.zeros(corners, np.float32) for name in ("u", "v", "u_mean", "v_mean")},
        **{name: np.zeros(cells, np.float32) for name in ("s11", "s22", "s12")},
    )


def winter_state(domain: Domain, sst: np.ndarray) -> IceState:
    """Return an invented 1 January: ice wherever the water is at freezing, thicker towards Greenland and Canada.

    Args:
        domain: The domain.
        sst: Sea-surface temperature of the climatology on that day (y, x), K.
    """
    state = empty_state(domain, sst)
    x, y = domain.grid.x[None, :] / 1e6, domain.grid.y[:, None] / 1e6
    near_greenland = np.exp(-((x + 0.6) ** 2 + (y + 0.5) ** 2) / (2 * 0.7**2))
    central = np.clip((domain.grid.lat - 66.0) / 14.0, 0.0, 1.0)
    icy = domain.inner & (state.ocean < THERMODYNAMICS.freezing + 0.3)
    state.sit[icy] = (0.5 + 1.0 * central + 1.3 * near_greenland)[icy]
    state.sic[icy] = 0.98
    state.snow[icy] = 0.15
    state.surface[icy] = 250.0
    return state
