"""Options of an export that belong together, checked together."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np

from halocline.data.files.problems import Problems
from halocline.runtime.errors import ConfigError, HaloclineError, InputError, require_within

T = TypeVar("T")


class Column(Protocol):
    """What every export of columns of ice is asked."""

    @property
    def categories(self) -> int: ...  # noqa: D102
    @property
    def ice_layers(self) -> int: ...  # noqa: D102
    @property
    def snow_layers(self) -> int: ...  # noqa: D102
    @property
    def water_salinity(self) -> float: ...  # noqa: D102
    @property
    def new_ice(self) -> float: ...  # noqa: D102


class Options:
    """Collects what is wrong with the options of an export, so that it is told with what is wrong with the states."""

    def __init__(self, what: str) -> None:
        self._problems = Problems(what)

    @property
    def problems(self) -> Problems:
        """All that was found."""
        return self._problems

    def within(self, name: str, number: float, low: float, high: float, of: str = "") -> None:
        """Keep the problem if a number is none from ``low`` to ``high``."""
        try:
            require_within(name, number, low, high, of)
        except ConfigError as error:
            self.keep(error)

    def column(self, kind: Column, floe: float) -> None:
        """Keep what is wrong with the options that all exports of columns have.

        Args:
            kind: The export.
            floe: Thinnest ice that the model keeps, m.
        """
        for name, number, low, high, unit in (
            ("categories", kind.categories, 1, 20, ""),
            ("ice layers", kind.ice_layers, 1, 99, ""),
            ("snow layers", kind.snow_layers, 1, 99, ""),
            ("water salinity", kind.water_salinity, 5.0, 45.0, " psu"),
            ("new ice", kind.new_ice, floe, 1.0, " m"),
        ):
            self.within(name, number, low, high, unit)

    def choice(self, name: str, word: str, valid: tuple[str, ...]) -> None:
        """Keep the problem if a word is none of those that are valid."""
        if word not in valid:
            self.keep(ConfigError(name, found=word, expected=" or ".join(valid), remedy="Choose one of them."))

    def taken(self, read: Callable[[], T], otherwise: T) -> T:
        """Return what an option says; if it cannot be read, keep the problem and go on with another value."""
        try:
            return read()
        except HaloclineError as error:
            self.keep(error)
            return otherwise

    def keep(self, error: HaloclineError) -> None:
        """Keep an error."""
        self._problems.found.append(
            InputError(error.field, found=error.found, expected=error.expected, remedy=error.remedy)
        )

    def bounds(self, words: str | None, count: int, default: np.ndarray) -> np.ndarray:
        """Return the bounds of thickness categories from ``0.3,0.7``; ``default`` without words."""
        if words is None:
            return default
        try:
            inner = np.array([float(word) for word in words.split(",")])
        except ValueError:
            inner = np.zeros(0)
        if len(inner) != count - 1 or not (np.diff([0.0, *inner]) > 0).all():
            self.keep(
                ConfigError(
                    "category bounds",
                    found=words,
                    expected=f"{count - 1} growing thicknesses in m for {count} categories",
                    remedy="Give the inner bounds of the receiving model, e.g. --category-bounds 0.6,1.4,2.4,3.6.",
                )
            )
            return default
        return np.concatenate([[0.0], inner, [np.inf]])
