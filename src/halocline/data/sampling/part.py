"""A part of a training batch: what one process sees of it, or one pass of several."""

from typing import NamedTuple

import numpy as np


class Part(NamedTuple):
    """One of the equal parts of a batch, in the order of its samples.

    Attributes:
        number: Which one, from 0.
        of: How many there are.
    """

    number: int = 0
    of: int = 1

    def slice(self, samples: int) -> slice:
        """Return where the part lies in a batch of so many samples."""
        return slice(self.number * samples // self.of, (self.number + 1) * samples // self.of)

    def of_noise(self, eps: np.ndarray, samples: int) -> np.ndarray:
        """Return the part's noise out of a batch's (sample, channel, y, x) or (member, sample, channel, y, x).

        Noise of no such shape belongs to no sample.
        """
        return np.ascontiguousarray(eps[..., self.slice(samples), :, :, :]) if eps.ndim > 3 else eps


WHOLE = Part()
"""A batch in one piece."""
