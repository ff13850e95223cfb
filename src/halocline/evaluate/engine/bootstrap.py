"""Weights of bootstrap replicates: generated states one by one, real ones by whole calendar months."""

from dataclasses import dataclass

import numpy as np

LEVEL = 0.90
"""Probability that an interval should hold."""


def even(member: np.ndarray) -> np.ndarray:
    """Return equal weights (1, sample) of the states where ``member`` (sample,) is True."""
    return (member / member.sum())[None, :]


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
        counts = np.bincount(self.block)
        picked = np.zeros((replicates, len(self.month)))
        for block in np.unique(self.block[member]):
            same = np.flatnonzero(self.month == self.month[block])
            picked[np.arange(replicates), random.choice(same, size=replicates)] += counts[block]
        weights = (picked / counts)[:, self.block]
        return weights / weights.sum(axis=1, keepdims=True)


def draws(weights: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Return weights of ``size`` independent draws, with replacement, from each weighted set (replicate, sample)."""
    return np.stack([random.multinomial(size, row / row.sum()) for row in weights]) / size


def centred(replicates: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Shift replicates (replicate, score) so that their median is the value (score,).

    Resampling adds noise of its own, which lifts every score that is a distance above its value on the sample. The
    shift takes this lift away and leaves the spread: the interval is that of the score *at this sample size*.
    """
    shifted: np.ndarray = replicates - np.median(replicates, axis=0) + value
    return shifted


def interval(replicates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the central interval (low, high), each (score,), that holds ``LEVEL`` of the replicates."""
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(replicates, [tail, 1.0 - tail], axis=0)
    return low, high
