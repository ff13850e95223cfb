"""Baselines of a generator for new forcing: mean training state, nearest training run, neighbours' mean."""

from dataclasses import dataclass

import numpy as np

from halocline.data.store.nearest import trained_range

NEIGHBOURS = 4
"""Runs in the neighbour average."""


@dataclass(frozen=True, eq=False)
class TrainingRuns:
    """Time means of the training members, and their forcing.

    Attributes:
        parameters: Forcing parameters (run, parameter), any units.
        means: Time mean of each run (run, channel, y, x).
    """

    parameters: np.ndarray
    means: np.ndarray

    def distances(self, target: np.ndarray) -> np.ndarray:
        """Return the distance of each run (run,) to a target (parameter,) in the range of the runs."""
        return trained_range(self.parameters, target, self.parameters)

    def nearest(self, target: np.ndarray) -> int:
        """Return the number of the run nearest to a target (parameter,)."""
        return int(self.distances(target).argmin())

    def neighbour_weights(self, target: np.ndarray, count: int = NEIGHBOURS) -> np.ndarray:
        """Return weights (run,) over the ``count`` nearest runs, inverse to distance; a run on the target has all.

        Source: Shepard 1968, "A two-dimensional interpolation function for irregularly-spaced data", power 1.
        """
        distance = self.distances(target)
        weights = np.zeros(len(distance))
        near = np.argsort(distance, kind="stable")[:count]
        if distance[near[0]] == 0:
            weights[near[0]] = 1.0
        else:
            weights[near] = 1.0 / distance[near]
        return weights / weights.sum()

    def baselines(self, target: np.ndarray) -> dict[str, np.ndarray]:
        """Return the states (channel, y, x) that each baseline predicts for a target (parameter,)."""
        return {
            "mean state": self.means.mean(axis=0),
            "nearest run": self.means[self.nearest(target)],
            "neighbour average": np.tensordot(self.neighbour_weights(target), self.means, axes=1),
        }
