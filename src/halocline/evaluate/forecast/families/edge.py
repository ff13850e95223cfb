"""The ice edge: where forecast and truth disagree on where ice is."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label
from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.family import Moment
from halocline.evaluate.ice.edge import edge_error
from halocline.physics.sea_ice import ICE_EDGE

_NAMES = {
    "iiee": "ice-edge error (IIEE)",
    "edge_over": "ice-edge overestimation",
    "edge_under": "ice-edge underestimation",
    "extent_error": "extent error",
    "misplacement": "misplacement error",
    "iiee_members": "ice-edge error of members",
    "sps": "spatial probability score",
}


@dataclass(frozen=True, eq=False)
class EdgeScores:
    """Ice-edge error of the median edge and its parts, that of single members, and the spatial probability score.

    The median edge encloses the cells where at least half of the members have a concentration above 0.15; for one
    state it is its edge. SPS = integral of (p - 1_truth)^2 dA, p the share of members with ice; of one state it is the
    IIEE.

    Source: Goessling and Jung 2018, "A probabilistic verification score for contours", Q. J. R. Meteorol. Soc. 144
    (SPS); ``EdgeError`` for the others.

    Attributes:
        grid: The grid.
        channels: Variables, in order, ``sic`` among them.
    """

    grid: Grid
    channels: tuple[str, ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """Seven areas."""
        return tuple(Label(id, name, "sic", "m2", "lower", skill=id == "iiee") for id, name in _NAMES.items())

    def summary(self, ensemble: np.ndarray, truth: np.ndarray, moment: Moment) -> np.ndarray:
        """Return the seven areas (7,), m2."""
        area = self.grid.area * self.grid.mask
        place = self.channels.index("sic")
        ice, real = ensemble[:, place] > ICE_EDGE, truth[place] > ICE_EDGE
        share = ice.mean(axis=0)
        median = edge_error(share >= 0.5, real, area)
        single = np.mean([edge_error(member, real, area).total for member in ice])
        probability = float(((share - real) ** 2 * area).sum())
        return np.array(
            [median.total, median.over, median.under, median.extent, median.misplacement, single, probability]
        )

    def scores(self, mean: np.ndarray) -> np.ndarray:
        """Return the means (replicate, 7)."""
        return mean


@FORECAST_SCORES.register("edge")
def edge(ensembles: Ensembles) -> list[EdgeScores]:
    """Return the family for forecasts of concentration."""
    return [EdgeScores(ensembles.grid, ensembles.channels)] if "sic" in ensembles.channels else []
