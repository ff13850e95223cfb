"""What every family of scores is: a function of the mean of a per-state summary."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

Better = Literal["lower", "one", "zero", "reference"]
"""What a good value is: as low as possible, 1, exactly 0, or equal to the value of real states."""


@dataclass(frozen=True)
class Label:
    """Name of one score.

    Attributes:
        score: What is measured, in words.
        variable: Name of the variable, or ``all``.
        unit: SI unit of the value.
        better: What a good value is.
        band: Wavelength band, level or the like, empty if there is none.
        signed: Whether the value may be negative; others are cut at 0 where an interval would cross it.
    """

    score: str
    variable: str
    unit: str
    better: Better
    band: str = ""
    signed: bool = False


class Scores(Protocol):
    """Scores that are functions of mean summaries of two sets of states.

    Because a set enters through the mean of its summaries only, a bootstrap is a change of weights: nothing is
    computed twice from the fields.
    """

    @property
    def labels(self) -> tuple[Label, ...]:
        """One label per score."""
        ...

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the scores of sets with mean summaries ``a`` against ``b``, each (replicate, k).

        Returns:
            (replicate, score), in the order of ``labels``.
        """
        ...


class Family(Scores, Protocol):
    """Scores whose summary of a state depends on that state alone."""

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return what the scores need to know of each state: (sample, channel, y, x) to (sample, k)."""
        ...
