"""What all places share: points of a grid and their weights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    import numpy as np

    from halocline.data.grids.grid import Grid


@dataclass(frozen=True, eq=False)
class Points:
    """For each observation the points it sees, and with which weights; both (observation, k).

    Attributes:
        points: Counted through (level, y, x).
        weights: They add to 1; all 0 where an observation sees no wet cell.
    """

    points: "np.ndarray"
    weights: "np.ndarray"

    @property
    def seen(self) -> "np.ndarray":
        """True where an observation sees something (observation,)."""
        return self.weights.sum(axis=1) > 0.5  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)
class Places:
    """Where observations were made, each (observation,).

    Attributes:
        lat: Degrees north.
        lon: Degrees east.
        depth: m; NaN for what has none.
        diameter: Of the footprint, m.
    """

    lat: "np.ndarray"
    lon: "np.ndarray"
    depth: "np.ndarray"
    diameter: float = 0.0


Place = Callable[["Grid", Places], Points]
"""Which points observations see."""

PLACES: "Registry[Place]" = Registry("place of observations", __package__, "halocline.observation_places")
"""Places by name."""
