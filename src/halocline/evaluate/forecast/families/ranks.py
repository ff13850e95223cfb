"""Rank histograms: where the truth lies among the members."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.ranks import ranks
from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families.base import Ensembles, with_ice
from halocline.evaluate.forecast.family import Moment
from halocline.runtime import keyed


@dataclass(frozen=True, eq=False)
class RankScores:
    """Rank histograms by area over the cells with ice in the climate of the day, and how often the truth is outside.

    Without sea ice all cells count.

    outside ratio = (share of rank 0 + share of rank M) (M + 1) / 2

    is 1 if members and truth are exchangeable, above 1 if the ensemble is too narrow or biased. Of members that belong
    together, as mirrored pairs do, the first is taken: M is the number of independent ones.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        draws: The members, and which of them are independent; at least 2.
        seed: Seed of the draws at ties; they are keyed by start and lead.
        region: Whether there is a climate of the day that tells where ice is; all cells count without.
    """

    grid: Grid
    channels: tuple[str, ...]
    draws: Draws
    seed: int
    region: bool = True

    @property
    def labels(self) -> tuple[Label, ...]:
        """One ratio per variable."""
        region = "ice" if self.region and with_ice(self.channels) else "ocean"
        return tuple(
            Label(f"outside_{region}", "truth outside the ensemble", name, "1", "one", region) for name in self.channels
        )

    def summary(self, ensemble: np.ndarray, truth: np.ndarray, moment: Moment) -> np.ndarray:
        """Return the shares of the ranks (channel * (M + 1),)."""
        region = self.grid.mask & moment.ice
        weights = self.grid.area[region] * wet_of(self.channels, self.grid)[:, region]
        random = keyed.generator(self.seed, "evaluate", "ranks", moment.start, moment.lead)
        found = ranks(ensemble[self.draws.firsts][..., region], truth[..., region], random)
        counts = [np.bincount(row, area, self.draws.count + 1) for row, area in zip(found, weights, strict=True)]
        return np.concatenate([count / max(1.0, area.sum()) for count, area in zip(counts, weights, strict=True)])

    def scores(self, mean: np.ndarray) -> np.ndarray:
        """Return the ratios (replicate, channel)."""
        shares = self.histograms(mean)
        return (shares[..., 0] + shares[..., -1]) * (self.draws.count + 1) / 2.0

    def histograms(self, mean: np.ndarray) -> np.ndarray:
        """Return mean summaries as shares (replicate, channel, rank)."""
        return mean.reshape(len(mean), len(self.channels), self.draws.count + 1)


@FORECAST_SCORES.register("ranks")
def rank_scores(ensembles: Ensembles) -> list[RankScores]:
    """Return the family for ensembles; single states have no ranks."""
    if ensembles.draws.count == 1:
        return []
    return [RankScores(ensembles.grid, ensembles.channels, ensembles.draws, ensembles.seed, ensembles.region)]
