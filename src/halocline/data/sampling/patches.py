"""Training patches of a surrogate: a place, a level of coarseness, a symmetry and a pair of times, keyed by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.codecs.residual import ResidualCodec, place_channels
from halocline.data.fields.symmetries import Symmetry
from halocline.data.sampling.coarsen import coarsen
from halocline.data.sampling.mapped import Touched
from halocline.data.sampling.packed import Records
from halocline.data.sampling.part import WHOLE, Part
from halocline.runtime import keyed
from halocline.runtime.errors import InputError

LEAST_OCEAN = 0.1  # share of the inner patch; Finn et al. 2025


@dataclass(frozen=True, eq=False)
class PatchBatch:
    """Patches as arrays, float32.

    Attributes:
        residual: The change to learn (patch, channel, y, x).
        lower: Its least value (patch, channel, y, x), -inf where there is none.
        upper: Its largest value.
        fields: What the network is given (patch, given, y, x).
        mask: Cells that count (patch, 1, y, x), or those of each variable (patch, channel, y, x).
        weight: The mask without the overlap: where the loss counts.
        labels: (patch, label).
    """

    residual: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fields: np.ndarray
    mask: np.ndarray
    weight: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, eq=False)
class Patches:
    """Patches of ``inner + 2 overlap`` cells a side, on cells of 1, 2, 4, ... times the grid's.

    Level L is drawn with probability proportional to 1 / L, its place uniformly among those where at least a tenth of
    the inner cells is ocean. Around the domain lies land.

    Source: Finn et al. 2025, arXiv 2508.14984.

    Attributes:
        records: Where states come from.
        codec: Network space.
        pairs: Pairs of records (pair, 2).
        inner: Cells a side where the loss counts.
        overlap: Cells around them.
        levels: Coarseness levels, e.g. (1, 2, 4, 8).
        augment: Draw one of eight symmetries for each patch.
    """

    records: Records
    codec: ResidualCodec
    pairs: np.ndarray
    inner: int
    overlap: int
    levels: tuple[int, ...]
    augment: bool

    @property
    def side(self) -> int:
        """Cells a side with overlap."""
        return self.inner + 2 * self.overlap

    def batch(self, seed: int, purpose: str, step: int, size: int, part: Part = WHOLE) -> PatchBatch:
        """Return a part of the patches of a step; what is drawn depends on (seed, purpose, step) only."""
        rng = keyed.generator(seed, purpose, step)
        share = 1.0 / np.array(self.levels)
        drawn = []
        for _ in range(size):
            now, later = self.pairs[rng.integers(len(self.pairs))]
            level = int(rng.choice(self.levels, p=share / share.sum()))
            starts = self._starts[level]
            y, x = starts[rng.integers(len(starts))]
            symmetry = Symmetry.draw(rng) if self.augment else Symmetry()
            drawn.append((int(now), int(later), level, int(y), int(x), symmetry))
        patches = [self._patch(*one) for one in drawn[part.slice(size)]]
        return PatchBatch(*(np.stack(column) for column in zip(*patches, strict=True)))

    def _patch(self, now: int, later: int, level: int, y: int, x: int, symmetry: Symmetry) -> tuple[np.ndarray, ...]:
        names, state = self.codec.given, len(self.codec.channels)
        raw, mask = self._coarse(now, later, level, y, x)
        later_state, physical = raw[:state], raw[state:]
        after = symmetry.fields(later_state, self.codec.channels)
        physical, mask = symmetry.fields(physical, names), symmetry.scalar(mask)
        before, wet = physical[:state], mask if mask.ndim == 2 else mask[:state]
        weight = np.zeros(wet.shape, np.float32)
        inside = slice(self.overlap, self.overlap + self.inner)
        weight[..., inside, inside] = wet[..., inside, inside]
        spacing = self.records.grid.spacing * level
        return (
            self.codec.residual(before, after, wet),
            *self.codec.bounds(before),
            self.codec.fields(physical, mask),
            wet.reshape(-1, *wet.shape[-2:]).astype(np.float32),
            weight.reshape(-1, *wet.shape[-2:]),
            self.codec.labels(spacing, symmetry, self.records.hour(now), self.records.calendar),
        )

    def _coarse(self, now: int, later: int, level: int, y: int, x: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (later state, given) of one patch in physical units, and its mask (of each given if they differ)."""
        cells, area, place = self._frame(level)
        window = slice(y, y + self.side * level), slice(x, x + self.side * level)
        at = cells[window]
        state, forcing = len(self.codec.channels), len(self.codec.forcing)
        first, second = self.records.values[now], self.records.values[later]

        def rows(first: np.ndarray, second: np.ndarray) -> np.ndarray:
            given, ahead = first[: state + forcing], second[state : state + forcing]
            return np.concatenate([second[:state], given, ahead, first[state + forcing :]])[:, np.maximum(at, 0)]

        fields, mask = np.where(at >= 0, rows(first, second), np.float32(0.0)), at >= 0
        if self.records.wet is not None:
            mask = rows(self.records.wet, self.records.wet) & mask
        if self.codec.place:
            fields = np.concatenate([fields, place[:, window[0], window[1]]])
            mask = mask if mask.ndim == 2 else np.concatenate([mask, np.broadcast_to(at >= 0, (2, *at.shape))])
        self._touched.add(first.nbytes + second.nbytes)
        means, whole = coarsen(fields, area[window], mask, level)
        return means, whole if whole.ndim == 2 else whole[state:]

    @cached_property
    def _touched(self) -> Touched:
        return Touched(self.records.values)

    def _frame(self, level: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return number of the ocean cell (-1 on land), area and place (2, y, x), land all around."""
        return self._frames[level]

    @cached_property
    def _frames(self) -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        grid = self.records.grid
        number = np.full(grid.shape, -1)
        number[grid.mask] = np.arange(grid.mask.sum())
        frames = {}
        for level in self.levels:
            widths = _widths(grid.shape, self.inner, self.overlap, level)
            place = np.pad(place_channels(grid.x, grid.y), [(0, 0), *widths])
            frames[level] = (
                np.pad(number, widths, constant_values=-1),
                np.pad(grid.area, widths, constant_values=1.0),
                place,
            )
        return frames

    @cached_property
    def _starts(self) -> dict[int, np.ndarray]:
        """Return the places (start, 2) of each level."""
        return {level: places(self.records.grid.mask, self.inner, self.overlap, level) for level in self.levels}


def places(mask: np.ndarray, inner: int, overlap: int, level: int) -> np.ndarray:
    """Return where patches start (start, 2), on a domain with land around it.

    That is where a tenth of the inner cells is whole ocean; of those that lie in the domain, if it is smaller.
    """
    ocean = np.pad(mask, _widths(mask.shape, inner, overlap, level))
    inside = np.prod([min(inner, max(1, n // level)) for n in mask.shape]) / inner**2
    return np.argwhere(_inner_share(ocean, inner, overlap, level) >= LEAST_OCEAN * inside)


def _inner_share(ocean: np.ndarray, inner: int, overlap: int, level: int) -> np.ndarray:
    """Return, for each start (y, x) of a patch, the share of its inner blocks that are all ocean."""
    whole = _window_sum(ocean.astype(np.int64), level) == level * level
    side = (inner + 2 * overlap) * level
    ny, nx = (n - side + 1 for n in ocean.shape)
    share = np.zeros((ny, nx))
    for row in range(level):
        for column in range(level):
            every = whole[row::level, column::level].astype(np.int64)
            counts = _window_sum(every, inner)[overlap:, overlap:] / inner**2
            target = share[row::level, column::level]
            share[row::level, column::level] = counts[: target.shape[0], : target.shape[1]]
    return share


def _window_sum(values: np.ndarray, side: int) -> np.ndarray:
    """Return the sums over all windows of side x side."""
    total = np.pad(values, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    return total[side:, side:] - total[:-side, side:] - total[side:, :-side] + total[:-side, :-side]


def levels_for(mask: np.ndarray, levels: Sequence[int], inner: int, overlap: int) -> tuple[int, ...]:
    """Return the levels that a domain has room for: its own cells, and coarser ones as far as patches find ocean.

    Args:
        mask: Ocean cells (y, x).
        levels: Wanted ones.
        inner: Cells a side of the inner patch; no larger than the domain.
        overlap: Cells around it.

    Raises:
        InputError: If no patch anywhere holds a tenth of ocean.
    """
    wanted = [level for level in levels if inner * level <= max(mask.shape)] or [1]
    found = [level for level in wanted if len(places(mask, inner, overlap, level))]
    if not found:
        raise InputError(
            f"patches of {inner} cells",
            found=f"no place among {mask.shape[0]} x {mask.shape[1]} cells, {int(mask.sum())} of them wet, with a "
            "tenth of whole ocean blocks",
            expected="at least one",
            remedy="Use smaller patches (--set patches.inner=8), or crop the grid to its ocean.",
        )
    return tuple(found)


def _widths(shape: tuple[int, ...], inner: int, overlap: int, level: int) -> list[tuple[int, int]]:
    """Return the cells of land around a domain (y, x) so that patches of a level fit everywhere."""
    before, side = overlap * level, (inner + 2 * overlap) * level
    return [(before, max(before, side - n - before)) for n in shape]
