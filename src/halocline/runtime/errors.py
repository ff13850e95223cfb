"""Errors that say which field is wrong, what was found, what was expected, and what to do."""

import difflib
from collections.abc import Collection, Iterable, Mapping

from halocline.runtime.text import plain


class HaloclineError(Exception):
    """An error a user can act on.

    Args:
        field: What is wrong: a variable, a file, a configuration key.
        found: What was found there.
        expected: What should have been there.
        remedy: What the user can do about it.

    Attributes:
        repeated: Whether another process of the same run shows this error already.
    """

    repeated = False

    def __init__(self, field: str, *, found: object, expected: object, remedy: str) -> None:
        self.field, self.found, self.expected, self.remedy = map(plain, (field, found, expected, remedy))
        super().__init__(f"{self.field}: found {self.found}; expected {self.expected}. {self.remedy}")

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes with all four parts."""
        return (_rebuild, (type(self), self.field, self.found, self.expected, self.remedy))


def _rebuild(cls: type["HaloclineError"], field: str, found: str, expected: str, remedy: str) -> HaloclineError:
    return cls(field, found=found, expected=expected, remedy=remedy)


class InputError(HaloclineError):
    """Data from the user that cannot be used: a variable, a unit, a mask, a value."""


class ConfigError(HaloclineError):
    """A configuration key or value that does not exist or does not fit."""


class StoreError(HaloclineError):
    """A state store that is damaged, unfinished or of another kind."""


class ModelError(HaloclineError):
    """A model folder or checkpoint that is damaged or does not fit."""


class OutputError(HaloclineError):
    """An output that exists already or could not be written."""


class RankError(HaloclineError):
    """A process of a run on several that has ended before the others."""


class MissingExtraError(HaloclineError):
    """An optional package that is not installed; the remedy names the extra that brings it."""


def from_system(error: OSError | MemoryError) -> HaloclineError:
    """Return an error of the operating system, e.g. no permission to read a file, in the form of ours."""
    if isinstance(error, MemoryError):
        remedy = "Ask for less at a time: fewer members or a smaller batch, or use a machine with more memory."
        return HaloclineError("memory", found=f"too little ({error})", expected="room for the work", remedy=remedy)
    where = error.filename if error.filename is not None else "a file"
    remedy = "Check that the path is what you mean, that you may read and write there, and that the disk has room."
    return InputError(str(where), found=error.strerror or error, expected="a file that can be used", remedy=remedy)


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """Return a remedy that names the nearest valid name and lists all of them."""
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"Did you mean '{near[0]}'? " if near else ""
    return f"{hint}Valid names: {', '.join(names)}."


def require_choice(what: str, name: str, valid: Iterable[str], error: type[HaloclineError] = ConfigError) -> None:
    """Raise ``error`` unless ``name`` is one of ``valid``; it names the nearest and lists them all.

    Args:
        what: What has the name, e.g. ``solver``.
        name: What was asked for.
        valid: The names there are.
        error: The class to raise.
    """
    names = list(valid)
    if name not in names:
        raise error(
            f"{what} '{name}'", found=f"no such {what}", expected="a valid name", remedy=did_you_mean(name, names)
        )


def require_names(field: str, names: Iterable[str], held: Collection[str], remedy: str) -> None:
    """Raise InputError, naming what is missing, unless the variables ``names`` are all among those ``held``."""
    if missing := [name for name in names if name not in held]:
        found, expected = f"no variable {', '.join(missing)}", ", ".join(names)
        raise InputError(field, found=found, expected=expected, remedy=remedy)


def require_within(field: str, number: float, low: float, high: float, of: str) -> None:
    """Raise ConfigError unless a number is one from ``low`` to ``high``; ``of`` tells its unit, or what it counts."""
    if isinstance(number, bool) or not low <= number <= high:
        raise ConfigError(field, found=number, expected=f"{low:g} to {high:g}{of}", remedy="Pass another number.")


def require_at_least(numbers: Mapping[str, tuple[float, float]]) -> None:
    """Raise ConfigError unless each number is at least its limit.

    Args:
        numbers: Name of an option to (number, least).
    """
    for name, (number, least) in numbers.items():
        if isinstance(number, bool) or not number >= least:
            raise ConfigError(name, found=number, expected=f"at least {least}", remedy="Pass a larger number.")
