"""Weights of bootstrap replicates: generated states one by one, real ones by whole calendar months."""

from dataclasses import dataclass

import numpy as np

LEVEL = 0.90
"""Probability that an interval should hold."""


def draws(sample: int, size: int, replicates: int, random: np.random.Generator) -> np.ndarray:
    """Return weights of ``size`` independent draws with replacement from ``sample`` states.

    Returns:
        (replicate, sample), each row sums to 1.
    """
    even = np.full(sample, 1.0 / sample)
    return random.multinomial(size, even, size=replicates) / size


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

    def weights(self, replicates: int, random: np.random.Generator) -> np.ndarray:
        """Return weights of replicates in which each month is replaced by one of the same season.

        Each block is replaced by a block drawn from those of the same calendar month in all member-years, or, where a
        set holds that month only once, from the months beside it too. So a replicate keeps its seasons, as every set
        of whole years does, and states of one month stay together, as they depend on each other.

        Returns:
            (replicate, sample), each row sums to 1.
        """
        counts = np.bincount(self.block)
        picked = np.zeros((replicates, len(self.month)))
        for month in self.month:
            same = np.flatnonzero(self.month == month)
            if len(same) < 2:
                distance = np.abs((self.month - month + 6) % 12 - 6)
                same = np.flatnonzero(distance <= 1)
            chosen = random.choice(same, size=replicates)
            picked[np.arange(replicates), chosen] += 1.0
        weights = (picked / counts)[:, self.block]
        return weights / weights.sum(axis=1, keepdims=True)


def redraw(weights: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Return weights of ``size`` independent draws from each of the weighted sets (replicate, sample)."""
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
