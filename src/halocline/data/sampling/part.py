"""A part of a training batch: what one process sees of it, or one pass of several."""

from typing import NamedTuple


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


WHOLE = Part()
"""A batch in one piece."""
