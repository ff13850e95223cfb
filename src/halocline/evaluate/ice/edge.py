"""Where two ice covers disagree on where ice is."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EdgeError:
    """Integrated ice-edge error, m2 each.

    Source: Goessling et al. 2016, "Predictability of the Arctic sea ice edge", Geophys. Res. Lett. 43, equations 1-5.

    Attributes:
        over: Area with forecast ice and no true ice, O.
        under: Area with true ice and no forecast ice, U.
    """

    over: float
    under: float

    @property
    def total(self) -> float:
        """IIEE = O + U."""
        return self.over + self.under

    @property
    def extent(self) -> float:
        """Absolute extent error |O - U|."""
        return abs(self.over - self.under)

    @property
    def misplacement(self) -> float:
        """Misplacement error 2 min(O, U): ice in the wrong place, though the extent may be right."""
        return 2.0 * min(self.over, self.under)


def edge_error(forecast: np.ndarray, truth: np.ndarray, area: np.ndarray) -> EdgeError:
    """Return the ice-edge error of ice masks.

    Args:
        forecast: True where ice is forecast (y, x).
        truth: True where there is ice (y, x).
        area: Cell areas (y, x), m2, 0 on land.
    """
    return EdgeError(over=float(area[forecast & ~truth].sum()), under=float(area[truth & ~forecast].sum()))
