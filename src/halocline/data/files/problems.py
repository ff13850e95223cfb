"""All that is wrong with an input in one error, instead of the first thing."""

from collections.abc import Iterator
from contextlib import contextmanager

from halocline.runtime.errors import HaloclineError, InputError


class Problems:
    """Collects what checks of one input find.

    Args:
        source: The input, for the error.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self.found: list[HaloclineError] = []

    @contextmanager
    def collect(self, kind: type[HaloclineError] = InputError) -> Iterator[None]:
        """Keep an error of a kind that the block raises, instead of raising it."""
        try:
            yield
        except kind as error:
            self.found.append(error)

    def raise_all(self) -> None:
        """Raise what was kept: one error as it is, several as one that lists field, found, expected, remedy of each.

        Raises:
            HaloclineError: The one that was kept; InputError if several were.
        """
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise InputError(
                f"{self._source}: {', '.join(error.field for error in self.found)}",
                found=f"{len(self.found)} problems",
                expected="none of them",
                remedy="\n".join(["Each with its remedy:", *(f"{k}. {e}" for k, e in enumerate(self.found, 1))]),
            )
