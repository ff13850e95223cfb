"""All that is wrong with an input in one error, instead of the first thing."""

from collections.abc import Iterator
from contextlib import contextmanager

from halocline.runtime.errors import InputError


class Problems:
    """Collects what checks of one input find.

    Args:
        source: The input, for the error.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self.found: list[InputError] = []

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Keep an InputError of the block instead of raising it."""
        try:
            yield
        except InputError as error:
            self.found.append(error)

    def raise_all(self) -> None:
        """Raise what was kept: one error as it is, several as one that lists field, found, expected, remedy of each.

        Raises:
            InputError: If anything was kept.
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
