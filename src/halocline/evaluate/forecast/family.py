"""What every family of forecast scores is: a function of the mean, over the starts, of a summary of each."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from halocline.evaluate.engine.family import Family, Label, Labelled


@dataclass(frozen=True, eq=False)
class Moment:
    """Start and lead that a summary belongs to.

    Attributes:
        start: Number of the start.
        lead: Number of the lead.
        ice: True where the climate of the day has a concentration above 0.15 (y, x). It depends neither on the
            forecast nor on the truth, so that no forecaster gains by what is left out.
    """

    start: int
    lead: int
    ice: np.ndarray


class ForecastFamily(Labelled, Protocol):
    """Scores of ensembles against truths that enter through the mean over starts only; see ``family.Scores``."""

    def summary(self, ensemble: np.ndarray, truth: np.ndarray, moment: Moment) -> np.ndarray:
        """Return (k,) of an ensemble (member, channel, y, x) and a truth (channel, y, x), land = 0."""

    def scores(self, mean: np.ndarray) -> np.ndarray:
        """Return the scores (replicate, score) of mean summaries (replicate, k)."""


@runtime_checkable
class KnowsTruth(Protocol):
    """A family that knows what the truth itself would get."""

    def truths(self, mean: np.ndarray) -> np.ndarray:
        """Return the scores of the truth (replicate, score) from mean summaries (replicate, k)."""


@dataclass(frozen=True, eq=False)
class SetFamily:
    """A family for sets of states, taken for forecasts: all members of all starts against their truths.

    Serves spectra, histograms and bounds, which ask how states look and not where things are.

    Attributes:
        family: The family.
        most: Most members looked at; spectra of a few tell as much as those of all.
    """

    family: Family
    most: int = 8

    @property
    def labels(self) -> tuple[Label, ...]:
        """Those of the family."""
        return self.family.labels

    def summary(self, ensemble: np.ndarray, truth: np.ndarray, moment: Moment) -> np.ndarray:
        """Return the mean summary of the members, then that of the truth (2 * k,)."""
        mine = self.family.summary(ensemble[: self.most]).mean(axis=0)
        return np.concatenate([mine, self.family.summary(truth[None])[0]])

    def scores(self, mean: np.ndarray) -> np.ndarray:
        """Return the scores of the members' mean summary against the truths'."""
        return self.family.scores(*np.split(mean, 2, axis=1))

    def truths(self, mean: np.ndarray) -> np.ndarray:
        """Return the scores that the truth itself gets (replicate, score)."""
        truth = np.split(mean, 2, axis=1)[1]
        return self.family.scores(truth, truth)
