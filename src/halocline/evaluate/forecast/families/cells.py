"""Scores cell by cell: error of the ensemble mean, bias, CRPS, spread, and spread against error."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import channel
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.evaluate.engine.crps import fair_crps
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.engine.family import Better, Label
from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families.base import Ensembles, with_ice
from halocline.evaluate.forecast.family import Moment

REGIONS = ("ocean", "ice")
DRIFT = "drift"
_WORDS = {"rmse": "RMSE", "bias": "bias", "crps": "CRPS", "spread": "spread", "spread_skill": "spread-skill ratio"}
_STATISTICS = 5  # squared error of the mean, bias, CRPS, variance, variance of the mean


@dataclass(frozen=True, eq=False)
class CellScores:
    """Area-weighted scores over all wet cells, and over those with ice in the climate of the day, if ice is forecast.

    - RMSE = sqrt(<(m - y)^2>), m the ensemble mean;
    - bias = <m - y>;
    - CRPS: fair, see ``crps.fair_crps``;
    - spread = sqrt(<s^2>), s^2 the members' variance with M - 1;
    - spread-skill ratio = sqrt(<s^2> + <v>) / RMSE, v the variance of the ensemble mean, 1 if members and truth are
      exchangeable. Of independent members v = s^2 / M, which is the factor sqrt((M + 1) / M).

    ``drift`` is the vector (siu, siv): squares of both components are added. CRPS has no drift.

    Source: Fortin et al. 2014, "Why should ensemble spread match the RMSE of the ensemble mean?", J. Hydrometeorol. 15,
    equation 15 (the factor of M).

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        draws: The members, and which of them are independent; with one draw there is no spread.
        region: Whether there is a climate of the day that tells where ice is.
    """

    grid: Grid
    channels: tuple[str, ...]
    draws: Draws
    region: bool = True

    @property
    def labels(self) -> tuple[Label, ...]:
        """By region, then score, then variable; region stands in ``band``."""
        return tuple(
            Label(
                f"{id}_{region}",
                _WORDS[id],
                name,
                self._unit(name, id),
                better,
                region,
                signed=id == "bias",
                skill=id in ("rmse", "crps"),
            )
            for region in self._regions
            for id, better, names in self._parts()
            for name in names
        )

    def summary(self, ensemble: np.ndarray, truth: np.ndarray, moment: Moment) -> np.ndarray:
        """Return the five statistics by region and variable (region * statistic * channel,); 0 in an empty region."""
        wet = self.grid.mask
        states, real = ensemble[..., wet].astype(np.float64), truth[..., wet].astype(np.float64)
        off = states.mean(axis=0) - real
        variances = self.draws.variance(states), self.draws.variance_of_mean(states)
        statistics = np.stack([off**2, off, fair_crps(states, real, self.draws), *variances])
        area = self.grid.area[wet]
        weights = np.stack([area, area * moment.ice[wet]][: len(self._regions)])
        total = np.maximum(weights.sum(axis=1, keepdims=True), 1.0)
        dry = (weights[:, None] * ~wet_of(self.channels, self.grid)[:, wet]).sum(axis=2)
        # Dry cells of a level are 0 in states and truth, so they add nothing; they must not count as area either.
        share = total / np.maximum(total - dry, 1.0)
        return (np.einsum("kcn,rn->rkc", statistics, weights / total) * share[:, None]).ravel()

    def scores(self, mean: np.ndarray) -> np.ndarray:
        """Return the scores (replicate, score)."""
        found = []
        for statistics in mean.reshape(len(mean), len(self._regions), _STATISTICS, len(self.channels)).swapaxes(0, 1):
            error, bias, crps, variance, of_mean = statistics.swapaxes(0, 1)
            error, variance, of_mean = (self._with_drift(part) for part in (error, variance, of_mean))
            found += [np.sqrt(error), bias, crps]
            if self.draws.count > 1:
                with np.errstate(divide="ignore", invalid="ignore"):
                    ratio = np.sqrt((variance + of_mean) / error)
                found += [np.sqrt(variance), np.where(error > 0, ratio, np.nan)]
        return np.concatenate(found, axis=1)

    def _parts(self) -> list[tuple[str, Better, tuple[str, ...]]]:
        with_drift = (*self.channels, DRIFT) if self._drift else self.channels
        parts: list[tuple[str, Better, tuple[str, ...]]] = [
            ("rmse", "lower", with_drift),
            ("bias", "zero", self.channels),
            ("crps", "lower", self.channels),
        ]
        if self.draws.count > 1:
            parts += [("spread", "reference", with_drift), ("spread_skill", "one", with_drift)]
        return parts

    @property
    def _regions(self) -> tuple[str, ...]:
        return REGIONS if self.region and with_ice(self.channels) else REGIONS[:1]

    @property
    def _drift(self) -> bool:
        return {"siu", "siv"} <= set(self.channels)

    def _with_drift(self, squares: np.ndarray) -> np.ndarray:
        if not self._drift:
            return squares
        both = squares[:, [self.channels.index("siu"), self.channels.index("siv")]]
        return np.concatenate([squares, both.sum(axis=1, keepdims=True)], axis=1)

    def _unit(self, name: str, id: str) -> str:
        if id == "spread_skill":
            return "1"
        return "m s-1" if name == DRIFT else channel(name).unit


@FORECAST_SCORES.register("cells")
def cells(ensembles: Ensembles) -> list[CellScores]:
    """Return the scores cell by cell."""
    return [CellScores(ensembles.grid, ensembles.channels, ensembles.draws, ensembles.region)]
