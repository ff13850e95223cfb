"""Scores cell by cell: error of the ensemble mean, bias, CRPS, spread, and spread against error."""

from dataclasses import dataclass

import numpy as np

from halocline.evaluate.crps import fair_crps
from halocline.evaluate.family import Better, Label
from halocline.evaluate.forecast_family import Moment
from halocline.states.grid import Grid
from halocline.states.variables import variable

REGIONS = ("ocean", "ice")
DRIFT = "drift"
_STATISTICS = 4  # squared error of the mean, bias, CRPS, variance


@dataclass(frozen=True, eq=False)
class CellScores:
    """Area-weighted scores over all ocean cells, and over those with ice in the climate of the day.

    - RMSE = sqrt(<(m - y)^2>), m the ensemble mean;
    - bias = <m - y>;
    - CRPS: fair, see ``crps.fair_crps``;
    - spread = sqrt(<s^2>), s^2 the members' variance with M - 1;
    - spread-skill ratio = sqrt((M + 1) / M) spread / RMSE, 1 if members and truth are exchangeable.

    ``drift`` is the vector (siu, siv): squares of both components are added. CRPS has no drift.

    Source: Fortin et al. 2014, "Why should ensemble spread match the RMSE of the ensemble mean?", J. Hydrometeorol. 15,
    equation 15 (the factor of M).

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        members: Members of the ensemble; with 1 there is no spread.
    """

    grid: Grid
    channels: tuple[str, ...]
    members: int

    @property
    def labels(self) -> tuple[Label, ...]:
        """By region, then score, then variable; region stands in ``band``."""
        return tuple(
            Label(score, name, self._unit(name, score), better, region, signed=score == "bias")
            for region in REGIONS
            for score, better, names in self._parts()
            for name in names
        )

    def summary(self, ensemble: np.ndarray, truth: np.ndarray, moment: Moment) -> np.ndarray:
        """Return the four statistics by region and variable (region * statistic * channel,); 0 in an empty region."""
        wet = self.grid.mask
        states, real = ensemble[..., wet].astype(np.float64), truth[..., wet].astype(np.float64)
        off = states.mean(axis=0) - real
        variance = states.var(axis=0, ddof=1) if len(states) > 1 else np.zeros_like(off)
        statistics = np.stack([off**2, off, fair_crps(states, real), variance])
        area = self.grid.area[wet]
        weights = np.stack([area, area * moment.ice[wet]])
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
        return np.einsum("kcn,rn->rkc", statistics, weights).ravel()

    def scores(self, mean: np.ndarray) -> np.ndarray:
        """Return the scores (replicate, score)."""
        found = []
        for statistics in mean.reshape(len(mean), len(REGIONS), _STATISTICS, len(self.channels)).swapaxes(0, 1):
            error, bias, crps, variance = statistics.swapaxes(0, 1)
            error, variance = self._with_drift(error), self._with_drift(variance)
            found += [np.sqrt(error), bias, crps]
            if self.members > 1:
                with np.errstate(divide="ignore", invalid="ignore"):
                    ratio = np.sqrt((self.members + 1) / self.members * variance / error)
                found += [np.sqrt(variance), np.where(error > 0, ratio, np.nan)]
        return np.concatenate(found, axis=1)

    def _parts(self) -> list[tuple[str, Better, tuple[str, ...]]]:
        with_drift = (*self.channels, DRIFT) if self._drift else self.channels
        parts: list[tuple[str, Better, tuple[str, ...]]] = [
            ("RMSE", "lower", with_drift),
            ("bias", "zero", self.channels),
            ("CRPS", "lower", self.channels),
        ]
        if self.members > 1:
            parts += [("spread", "reference", with_drift), ("spread-skill ratio", "one", with_drift)]
        return parts

    @property
    def _drift(self) -> bool:
        return {"siu", "siv"} <= set(self.channels)

    def _with_drift(self, squares: np.ndarray) -> np.ndarray:
        if not self._drift:
            return squares
        both = squares[:, [self.channels.index("siu"), self.channels.index("siv")]]
        return np.concatenate([squares, both.sum(axis=1, keepdims=True)], axis=1)

    def _unit(self, name: str, score: str) -> str:
        if score == "spread-skill ratio":
            return "1"
        return "m s-1" if name == DRIFT else variable(name).unit
