"""The bootstrap: weights of replicates (states one by one, whole months, whole members, starts).

A set of states enters a score by the mean of its summaries, so a replicate is a row of weights (replicate, sample).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


def even(member: np.ndarray) -> np.ndarray:
    """Return equal weights (1, sample) of the states where ``member`` (sample,) is True."""
    return (member / member.sum())[None, :]


def draws(weights: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Return weights of ``size`` independent draws, with replacement, from each weighted set (replicate, sample)."""
    return np.stack([random.multinomial(size, row / row.sum()) for row in weights]) / size


def counts(number: int, size: int, replicates: int, random: np.random.Generator) -> np.ndarray:
    """Return how often each of ``number`` things is among ``size`` draws with replacement (replicate, number)."""
    return random.multinomial(size, np.full(number, 1.0 / number), size=replicates)


def places(number: int, replicates: int, random: np.random.Generator) -> np.ndarray:
    """Return the things drawn, as many as there are (replicate, number), for statistics that are no weighted means."""
    return random.integers(number, size=(replicates, number))


def whole_and_counts(number: int, replicates: int, random: np.random.Generator) -> np.ndarray:
    """Return weights (1 + replicate, number) of starts, years, …: all alike, then drawn with replacement."""
    return np.concatenate([np.ones((1, number)), counts(number, number, replicates, random)])


@dataclass(frozen=True, eq=False)
class Blocks:
    """The calendar-month blocks of a set of real states.

    Attributes:
        block: Number of the block of each state (sample,); a block is one month of one year of one member.
        month: Calendar month of each block (block,), 0..11.
    """

    block: np.ndarray
    month: np.ndarray

    @classmethod
    def of(cls, member_years: np.ndarray, months: np.ndarray) -> "Blocks":
        """Build the blocks from the member-year number and the calendar month of each state, both (sample,)."""
        keys = np.stack([member_years, months], axis=1)
        unique, block = np.unique(keys, axis=0, return_inverse=True)
        return cls(block=block.reshape(-1), month=unique[:, 1])

    def weights(self, member: np.ndarray, replicates: int, random: np.random.Generator) -> np.ndarray:
        """Return weights of replicates of some of the states, in which each month is drawn anew.

        Each block is replaced by a block drawn from those of the same calendar month in *all* member-years of the set.
        So a replicate keeps its seasons, as every set of whole years does, and states of one month stay together, as
        they depend on each other. Dependence beyond a month is not represented.

        Args:
            member: True for the states (sample,) whose replicates are wanted; whole blocks.
            replicates: How many.
            random: Where the draws come from.

        Returns:
            (replicate, sample), each row sums to 1.
        """
        sizes = np.bincount(self.block)
        picked = np.zeros((replicates, len(self.month)))
        for block in np.unique(self.block[member]):
            same = np.flatnonzero(self.month == self.month[block])
            picked[np.arange(replicates), random.choice(same, size=replicates)] += sizes[block]
        weights = (picked / sizes)[:, self.block]
        return weights / weights.sum(axis=1, keepdims=True)


def member_counts(
    members: np.ndarray, size: int, replicates: int, random: np.random.Generator
) -> dict[int, np.ndarray]:
    """Return how often each member is drawn (replicate,) if ``size`` members are drawn with replacement."""
    drawn = counts(len(members), size, replicates, random)
    return {int(member): drawn[:, k] for k, member in enumerate(members)}


def member_weights(member: np.ndarray, drawn: Mapping[int, np.ndarray], part: np.ndarray | None = None) -> np.ndarray:
    """Return weights (replicate, sample): each member's count shared out over its states in ``part``.

    Args:
        member: Member of each state (sample,).
        drawn: From ``member_counts``.
        part: True for the states (sample,) that count; all if None.
    """
    weights = np.zeros((len(next(iter(drawn.values()))), len(member)))
    for number, count in drawn.items():
        own = member == number if part is None else (member == number) & part
        if own.any():
            weights[:, own] = count[:, None] / own.sum()
    total = weights.sum(axis=1, keepdims=True)
    # A replicate of members that no state belongs to stands for all states.
    return np.where(total > 0, weights / np.where(total > 0, total, 1.0), 1.0 / len(member))


FLOOR_DRAWS = 50
"""Independent draws that a floor is the mean of."""


@dataclass(frozen=True, eq=False)
class PairWeights:
    """Weights of one comparison: a part of the real states as reference, a disjoint one in the place of a generator.

    Attributes:
        reference: The reference as it is (1, real).
        replicates: Bootstrap replicates of it (replicate, real).
        generated: Replicates of the generated states (replicate, generated).
        drawn: Independent draws of as many real states of the other part as there are generated ones (draw, real);
            None if there is no other part, so that there is no floor.
        drawn_replicates: The same, from a replicate of that part each (replicate, real); None likewise.
    """

    reference: np.ndarray
    replicates: np.ndarray
    generated: np.ndarray
    drawn: np.ndarray | None = None
    drawn_replicates: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Weights:
    """Weights of all sets, shared by all families: every score sees the same replicates.

    Attributes:
        whole: The generated set as it is (1, sample).
        pairs: The comparisons; a score is the mean over them.
    """

    whole: np.ndarray
    pairs: tuple[PairWeights, ...]
