"""What every family of scores is: a function of the mean of a per-state summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import numpy as np

Better = Literal["lower", "one", "zero", "reference"]
"""What a good value is: as low as possible, 1, exactly 0, or equal to the value of real states."""


@dataclass(frozen=True)
class Label:
    """Name of one score; ``id`` and ``variable`` tell it from all others, the words are for people alone.

    Attributes:
        id: Name that never changes, lower case: ``w1``, ``iiee``, ``psd_ratio_2_4``. What ends in ``_distribution`` or
            ``_level_NN`` is a detail that short tables leave out.
        score: What is measured, in words.
        variable: Name of the variable, or ``all``.
        unit: SI unit of the value.
        better: What a good value is.
        band: Wavelength band, level or the like, in words; empty if there is none.
        signed: Whether the value may be negative; others are cut at 0 where an interval would cross it.
        skill: Whether forecasts are given the skill of this score against the reference forecasts.
    """

    id: str
    score: str
    variable: str
    unit: str
    better: Better
    band: str = ""
    signed: bool = False
    skill: bool = False

    def columns(self) -> dict[str, Any]:
        """Return the columns of a table that the label fills."""
        return {name: getattr(self, name) for name in ("id", "score", "variable", "band", "unit", "better")}


class Labelled(Protocol):
    """What families of scores of states and of forecasts share."""

    @property
    def labels(self) -> tuple[Label, ...]:
        """One label per score."""


class Scores(Labelled, Protocol):
    """Scores that are functions of mean summaries of two sets of states.

    Because a set enters through the mean of its summaries only, a bootstrap is a change of weights: nothing is
    computed twice from the fields.
    """

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the scores of sets with mean summaries ``a`` against ``b``, each (replicate, k).

        Returns:
            (replicate, score), in the order of ``labels``.
        """


class Family(Scores, Protocol):
    """Scores whose summary of a state depends on that state alone."""

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return what the scores need to know of each state: (sample, channel, y, x) to (sample, k)."""


class MeansOfFirst:
    """Scores that are themselves the means over the first set of states."""

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the means of the first set (replicate, score)."""
        return a


@dataclass(frozen=True, eq=False)
class Summarised:
    """A family with the summaries of both sets, for scores whose summary needs to know more than the state.

    Attributes:
        family: The scores.
        generated: Summaries of the generated states (sample, k).
        real: Summaries of the real states (sample, k).
    """

    family: Scores
    generated: np.ndarray
    real: np.ndarray


@runtime_checkable
class InTwoSteps(Protocol):
    """A family that is made of numbers of all states of both sets, each of which depends on its state alone."""

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the numbers of each state: (sample, channel, y, x) to (sample, k)."""

    def summarised(self, generated: np.ndarray, real: np.ndarray) -> Summarised:
        """Return the family with its summaries, from the numbers (sample, k) of both sets."""


T = TypeVar("T")


def in_order(registry: Mapping[str, T], order: Sequence[str]) -> list[str]:
    """Return all names of a registry, those of ``order`` first."""
    return [*(name for name in order if name in registry), *(name for name in registry if name not in order)]
