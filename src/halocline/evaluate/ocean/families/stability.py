"""Static stability of sets of ocean states: the density error in all its variants, and inversions."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.family import Label, MeansOfFirst
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import TOLERANCES, Reference, density_jumps, error_of_jumps

REFERENCES: tuple[tuple[str, Reference], ...] = (("surface", 0.0), ("local", "local"))
"""Where the cells of a pair are compared, by name."""

INVERSION = 1e-3
"""Rise of temperature across an interface that counts as an inversion, K (the threshold of miniveros)."""

_CHUNK = 32


@dataclass(frozen=True, eq=False)
class StabilityScores(MeansOfFirst):
    """Mean over the states of the density error and of the shares of unstable and of inverted interfaces.

    The density error (physics/stability.py) is given for both references and all tolerances: the published one is that
    at the surface, strict. An unstable interface has a negative jump where it lies; an inversion is warmer below than
    above by more than 1e-3 K, which salinity may well hold stable.

    Attributes:
        layout: Channels and cells.
        eos: Equation of state.
    """

    layout: GridLayout
    eos: EquationOfState = DINO_EOS

    @property
    def labels(self) -> tuple[Label, ...]:
        """The errors by reference and tolerance, then the two shares of interfaces."""
        errors = [
            Label(f"density_error_{name}_{id}", "density error", "all", "%", "lower", f"{name}, {words}")
            for name, _ in REFERENCES
            for id, words in (("strict",) * 2 if t == 0 else (f"{t:g}", f"> {t:g} kg m-3") for t in TOLERANCES)
        ]
        unstable = Label("unstable", "unstable interfaces", "all", "%", "lower", "local, strict")
        return (*errors, unstable, Label("inversions", "temperature inversions", "all", "%", "reference"))

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the errors and shares of each state (sample, score), per cent."""
        parts = [self._summary(states[start : start + _CHUNK]) for start in range(0, len(states), _CHUNK)]
        return np.concatenate(parts)

    def _summary(self, states: np.ndarray) -> np.ndarray:
        grid = self.layout.grid
        thetao, so = self.layout.select(states, "thetao", "so")
        found = []
        for _, reference in REFERENCES:
            jumps = density_jumps(thetao, so, grid, self.eos, reference)
            found += [error_of_jumps(jumps, grid, tolerance) for tolerance in TOLERANCES]
        pairs = grid.wet[1:]
        share = 100.0 / max(1, int(pairs.sum()))
        found.append(share * (jumps < 0.0).sum(axis=(1, 2, 3)))
        inverted = (thetao[:, 1:] - thetao[:, :-1] > INVERSION) & pairs
        found.append(share * inverted.sum(axis=(1, 2, 3)))
        return np.stack(found, axis=1)


@OCEAN_SCORES.register("stability")
def stability(sets: OceanSets) -> list[StabilityScores]:
    """Return density errors and inversions under the equation of state that was asked for."""
    return [StabilityScores(sets.layout, sets.eos)]
