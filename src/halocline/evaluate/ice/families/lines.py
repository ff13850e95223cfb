"""Leads, cracks and damage lines in the pack: how many, how long, how wide."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.disk_states import batches
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.wasserstein import wasserstein
from halocline.evaluate.ice import pack
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.physics.parts import connected_parts

LEAD = 0.02
"""Open water, share of a cell, above which it is a lead."""

CRACK = 0.5
"""By how much log10 of open water exceeds its mean over 5 x 5 cells in a crack."""

DAMAGE_LINE = 0.15
"""By how much -log10(1 - damage) exceeds its mean over 5 x 5 cells in a damage line."""


def _leads(sic: np.ndarray) -> np.ndarray:
    return 1.0 - sic > LEAD


def _cracks(sic: np.ndarray) -> np.ndarray:
    return pack.small_scale(pack.log_open_water(sic)) > CRACK


def _damage_lines(sid: np.ndarray) -> np.ndarray:
    return pack.small_scale(pack.log_damage(sid)) > DAMAGE_LINE


LINES: dict[str, tuple[str, str, Callable[[np.ndarray], np.ndarray]]] = {
    "lead": ("sic", "leads", _leads),
    "crack": ("sic", "cracks", _cracks),
    "damage_line": ("sid", "damage lines", _damage_lines),
}
"""Id, then variable, name, and where (sample, y, x) they are."""

_SCORES = (
    ("count", "number a state", "1", "reference"),
    ("share", "share of the pack", "1", "reference"),
    ("length", "length", "m", "reference"),
    ("width", "width", "m", "reference"),
    ("elongation", "elongation", "1", "reference"),
    ("length_distribution", "length, distribution distance", "m", "lower"),
)
_SUMS = 5
_BINS_A_CELL = 4


@dataclass(frozen=True, eq=False)
class LineScores:
    """Number and share of the pack of lines, and length, width and elongation of the line that a cell of one lies on.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        kinds: Kinds of lines, of ``LINES``.
        edges: Bins of lengths (bin + 1,), m.
    """

    grid: Grid
    channels: tuple[str, ...]
    kinds: tuple[str, ...]
    edges: np.ndarray

    @classmethod
    def on(cls, grid: Grid, channels: tuple[str, ...]) -> "LineScores":
        """Build the family of those lines that the variables show."""
        kinds = tuple(kind for kind, (name, *_) in LINES.items() if name in channels)
        longest = 1.5 * np.hypot(*grid.shape)
        edges = np.linspace(0.0, longest * float(np.sqrt(grid.area.max())), int(longest * _BINS_A_CELL) + 1)
        return cls(grid, channels, kinds, edges)

    @property
    def labels(self) -> tuple[Label, ...]:
        """For each kind number, share, length, width, elongation and distance of the lengths' distributions."""
        return tuple(
            Label(f"{kind}_{id}", f"{LINES[kind][1]} in the pack: {words}", LINES[kind][0], unit, better)  # type: ignore[arg-type]
            for kind in self.kinds
            for id, words, unit, better in _SCORES
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the area of the pack, then number, sums by area and lengths of each kind (sample, k)."""
        inside, area = self.inside(states), self.grid.area
        found = [(inside * area).sum(axis=(1, 2))[:, None]]
        for kind in self.kinds:
            name, _, pick = LINES[kind]
            parts = connected_parts(pick(states[:, self.channels.index(name)]) & inside, area)
            weights = [np.ones_like(parts.area), *(parts.area * x for x in (1.0, parts.length, parts.width))]
            weights.append(parts.area * parts.elongation)
            found.append(np.stack([np.bincount(parts.sample, w, len(states)) for w in weights], axis=1))
            found.append(self._lengths(parts.sample, parts.length, parts.area, len(states)))
        return np.concatenate(found, axis=1)

    def inside(self, states: np.ndarray) -> np.ndarray:
        """Return True (sample, y, x) where all 5 x 5 cells around are ocean with a concentration above 0.8."""
        return pack.whole(pack.pack_cells(states, self.channels, self.grid.mask))

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the scores (replicate, kind * score); lengths and widths are 0 where there are no lines."""
        tiny, found, size = np.finfo(np.float64).tiny, [], _SUMS + len(self.edges) - 1
        for k in range(len(self.kinds)):
            one, other = (x[:, 1 + k * size : 1 + (k + 1) * size] for x in (a, b))
            total = one[:, 1]
            distance = wasserstein(one[:, _SUMS:], other[:, _SUMS:], self.edges)
            means = one[:, 2:_SUMS] / np.maximum(total, tiny)[:, None]
            found += [one[:, 0], total / np.maximum(a[:, 0], tiny), *means.T, distance]
        return np.stack(found, axis=1)

    def _lengths(self, sample: np.ndarray, length: np.ndarray, area: np.ndarray, states: int) -> np.ndarray:
        """Return the area in bins of length (sample, bin)."""
        bins = len(self.edges) - 1
        index = np.minimum((length / self.edges[1]).astype(np.int64), bins - 1)
        return np.bincount(sample * bins + index, area, states * bins).reshape(states, bins)


@ICE_SCORES.register("lines")
def lines(sets: IceSets) -> list[LineScores]:
    """Return the scores of lines; none without concentration, or where no real state has a pack of 5 x 5 cells."""
    if "sic" not in sets.channels:
        return []
    family = LineScores.on(sets.grid, sets.channels)
    there = any(family.inside(sets.real[part]).any() for part in batches(sets.real))
    return [family] if there else []
