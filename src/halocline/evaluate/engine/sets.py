"""All that an evaluation of states reads before it scores and draws."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import Weights
from halocline.evaluate.engine.disk_states import States as Values
from halocline.evaluate.engine.season import SeasonMatch


class States(Protocol):
    """A set of states, and what families of scores and pictures share of them."""

    @property
    def values(self) -> Values:
        """States (sample, channel, y, x), physical units, dry cells 0."""


M = TypeVar("M", bound=States)
R = TypeVar("R")


@dataclass(frozen=True, eq=False, kw_only=True)
class Sets(Generic[M, R]):
    """Both sets of states, and what else scores and pictures may need.

    Attributes:
        mine: Generated states.
        truth: Real states.
        training: Training states.
        reference: The store of the real ones.
        weights: Replicates of both sets, for values, floors and their intervals.
        match: Which times of the real states those generated are compared with.
        notes: What the reader of the scores must know of the states.
    """

    mine: M
    truth: M
    training: R
    reference: StateStore
    weights: Weights
    match: SeasonMatch
    notes: tuple[str, ...]

    @property
    def generated(self) -> Values:
        """Generated states (sample, channel, y, x), dry cells 0; batches of them may be read from disk."""
        return self.mine.values

    @property
    def real(self) -> Values:
        """Real states (sample, channel, y, x), dry cells 0; likewise."""
        return self.truth.values
