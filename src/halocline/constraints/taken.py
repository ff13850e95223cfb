"""What constraints take from other states than those that they act on: means of levels, and leading patterns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from halocline.constraints.level_means import Kind, means_of
from halocline.constraints.mean_distribution import MeanDistribution
from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.streamed_patterns import fit_patterns
from halocline.data.files.ocean import OceanStates
from halocline.data.files.slabs import slab_dimension, slabs
from halocline.data.grids.compare import differences
from halocline.runtime.errors import ConfigError, InputError


@dataclass
class Taken:
    """Other states, read when they are first asked for, slab by slab if they are large.

    Attributes:
        read: Reads ocean states of any origin.
        contents: States whose means are taken: one state's, or those drawn from the distribution over several.
        kind: Which means.
        seed: Seed of the draws.
        patterns: States, more than ``count``, whose leading patterns are taken.
        count: How many patterns.
    """

    read: Callable[..., OceanStates]
    contents: xr.Dataset | None = None
    kind: Kind = "level-means"
    seed: int = 0
    patterns: xr.Dataset | None = None
    count: int = 60
    _means: np.ndarray | MeanDistribution | None = field(default=None, init=False)
    _basis: PatternBasis | None = field(default=None, init=False)

    def means_for(self, ocean: OceanStates, members: list[int]) -> np.ndarray:
        """Return one state's means (1, mean), or those of the members' numbers (member, mean); degC, psu, m."""
        if self._means is None:
            parts = (part for others in self._others(ocean, self.contents, "contents") for part in others.records())
            samples = np.concatenate([means_of(part.states, part.layout, self.kind) for part in parts])
            self._means = samples if len(samples) == 1 else MeanDistribution.fit(samples)
        return self._means if isinstance(self._means, np.ndarray) else self._means.draw(self.seed, members)

    def patterns_for(self, ocean: OceanStates) -> PatternBasis:
        """Return the leading patterns, on the cells of the states."""
        if self._basis is None:
            kept = [] if self.patterns is None or slab_dimension(self.patterns) else list(self._patterns_of(ocean))
            number = len(kept) or sum(1 for _ in self._patterns_of(ocean))
            self._basis = fit_patterns(lambda: kept or self._patterns_of(ocean), number, ocean.layout.wet, self.count)
        return self._basis

    def _patterns_of(self, ocean: OceanStates) -> Iterator[np.ndarray]:
        return (state for others in self._others(ocean, self.patterns, "patterns") for state in others.states)

    def _others(self, ocean: OceanStates, dataset: xr.Dataset | None, what: str) -> Iterator[OceanStates]:
        """Yield the states to take something from, on the same cells as those to constrain."""
        if dataset is None:
            raise ConfigError(
                f"constraint '{what}'",
                found=f"no states to take {what} from",
                expected="one state (its contents for all) or many (a distribution to draw from)"
                if what == "contents"
                else "many states, more than patterns are wanted",
                remedy=f"Give --{what}-from FILE, or {what}_from=dataset.",
            )
        for slab in slabs(dataset):
            given = self.read(slab, source=f"the states to take {what} from")
            _check_cells(given, ocean, what)
            yield given


def _check_cells(given: OceanStates, ocean: OceanStates, what: str) -> None:
    differ = set(differences(given.layout.grid, ocean.layout.grid))
    if given.thickness is not None or ocean.thickness is not None:
        differ -= {"thickness", "depth"}  # of each record its own
    if given.layout.fields != ocean.layout.fields or differ:
        found, expected = (
            f"a grid {part.grid.wet.shape} with fingerprint {part.grid.fingerprint()}, "
            f"{'with' if 'zos' in part.fields else 'without'} zos"
            for part in (given.layout, ocean.layout)
        )
        raise InputError(
            f"states to take {what} from",
            found=found,
            expected=f"{expected}, as in the states to constrain",
            remedy="Use states of the same grid, mask, thickness, area and variables.",
        )
