"""Concentration near its bounds: very little open water, thin ice cover, and neighbours at a bound together."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label, MeansOfFirst
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.physics.sea_ice import ICE_EDGE

_OPEN = ("0.0001", "0.001", "0.01")


@dataclass(frozen=True, eq=False)
class AtomScores(MeansOfFirst):
    """Shares of the ocean's area, and of pairs of neighbouring ocean cells, in which concentration is near a bound.

    Pairs are those of cells that share a side, along x and along y, each counted once and alike.

    Attributes:
        grid: The grid.
        sic: Where concentration is among the channels.
    """

    grid: Grid
    sic: int

    @property
    def labels(self) -> tuple[Label, ...]:
        """Shares by open water, of thin cover, then of pairs."""
        named = [
            *((f"open_water_below_{most}", f"share with 1 - sic below {most}") for most in _OPEN),
            ("sic_below_0.15", "share with 0 < sic < 0.15"),
            ("pair_at_lower", "share of neighbours both at the lower bound"),
            ("pair_at_upper", "share of neighbours both at the upper bound"),
            ("pair_across_lower", "share of neighbours one of which is at the lower bound"),
            ("pair_across_upper", "share of neighbours one of which is at the upper bound"),
        ]
        return tuple(Label(id, words, "sic", "1", "reference") for id, words in named)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the shares of each state (sample, share)."""
        mask, sic = self.grid.mask, states[:, self.sic]
        wet, area = sic[:, mask], self.grid.area[mask]
        by_area = [1.0 - wet < float(most) for most in _OPEN] + [(wet > 0.0) & (wet < ICE_EDGE)]
        shares = [cells @ (area / area.sum()) for cells in by_area]
        bounds = [_pairs(sic == bound, mask) for bound in (0.0, 1.0)]
        return np.stack([*shares, *(both for both, _ in bounds), *(one for _, one in bounds)], axis=1)


def _pairs(cells: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares (sample,) of pairs of ocean cells of which both, and of which just one, are in ``cells``."""
    both, one, number = np.zeros(len(cells)), np.zeros(len(cells)), 0
    for axis in (0, 1):
        first, second = (slice(None, -1), slice(1, None)) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        wet = mask[first] & mask[second]
        here, there = (np.moveaxis(cells, 0, -1)[part][wet] for part in (first, second))
        both += (here & there).sum(axis=0)
        one += (here ^ there).sum(axis=0)
        number += int(wet.sum())
    return both / max(1, number), one / max(1, number)


@ICE_SCORES.register("atoms")
def atoms(sets: IceSets) -> list[AtomScores]:
    """Return the shares of concentration near its bounds; none without it."""
    return [AtomScores(sets.grid, sets.channels.index("sic"))] if "sic" in sets.channels else []
