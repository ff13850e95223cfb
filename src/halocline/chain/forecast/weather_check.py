"""Is this the weather that a surrogate was trained with, in its units?"""

import math
import warnings
from collections.abc import Callable, Collection

import numpy as np

from halocline.chain.forecast.weather import Weather
from halocline.data.fields.calendar import date_of
from halocline.data.fields.symmetries import vector_pairs
from halocline.data.fields.variables import variable
from halocline.data.files.problems import Problems
from halocline.data.files.validate import check_values
from halocline.runtime.errors import InputError

_RECORDS = 24
_LEAST = 4  # records, fewer say nothing about the mean strength of the wind
_KNOTS = 1.6  # times the usual strength; a knot is 0.51 m/s, so winds in knots are 1.94 times as strong
_USUAL = 7.0  # m s-1, root mean square of the 10-m wind over Arctic sea ice (6.6 in the released worlds)


class StrongWind(UserWarning):
    """Wind that is stronger than usual in the mean: a windy place, or another unit than the file says."""


def check_weather(
    weather: Weather,
    trained_strength: Callable[[str], float | None],
    names: tuple[str, ...],
    mask: np.ndarray,
    first: int,
    last: int,
    step: int,
    accept: Collection[str] = (),
) -> None:
    """Raise InputError if some of the records between two hours have gaps or look like another unit.

    A wind whose unit the file declares, or for which nothing was trained, is warned of and taken.

    Args:
        weather: The source.
        trained_strength: Root mean square of a variable in the training years; None where nothing was trained.
        names: What is needed of it.
        mask: Ocean (y, x).
        first: First hour.
        last: Last hour.
        step: Hours between records.
        accept: Variables whose values are real although they are unusual.
    """
    steps = np.arange(first, last + 1, step)
    chosen = steps[np.unique(np.linspace(0, len(steps) - 1, min(_RECORDS, len(steps))).astype(int))]
    records = []
    for hour in chosen:
        fields, problems = weather.read(int(hour), names), Problems(weather.name)
        for name, field in zip(names, fields, strict=True):
            with problems.collect():
                _check(field, name, mask, accept, f"{weather.name} at {date_of(int(hour), weather.calendar)}")
        problems.raise_all()
        records.append(fields[:, mask])
    if len(records) >= _LEAST:
        strength = np.sqrt(np.mean(np.square(records), axis=(0, 2)))
        for x, y in vector_pairs(names):
            trained = trained_strength(names[x]), trained_strength(names[y])
            _check_strength(weather, (names[x], names[y]), float(np.hypot(*strength[[x, y]])), trained, accept)


def _check(field: np.ndarray, name: str, mask: np.ndarray, accept: Collection[str], source: str) -> None:
    if name not in accept:
        check_values(field, variable(name), mask, source)
    elif not np.isfinite(field[mask]).all():
        raise InputError(source, found=f"'{name}' that is not finite", expected="numbers", remedy="Fill the gap.")


def _check_strength(
    weather: Weather,
    names: tuple[str, str],
    found: float,
    trained: tuple[float | None, float | None],
    accept: Collection[str],
) -> None:
    known = [strength for strength in trained if strength is not None]
    usual = math.hypot(*known) if len(known) == 2 else _USUAL
    if variable(names[0]).unit != "m s-1" or found <= _KNOTS * usual or set(names) <= set(accept):
        return
    if len(known) < 2 or set(names) <= weather.declared:
        told = ", in the unit that the file says" if set(names) <= weather.declared else ""
        text = f"{weather.name}: a mean wind of {found:.3g} m s-1{told}; usual is about {usual:.2g} m s-1."
        warnings.warn(StrongWind(f"{text} Knots or km/h would look so."), stacklevel=3)
        return
    raise InputError(
        f"forcing variable '{names[0]}', {weather.name}",
        found=f"a root mean square of the wind of {found:.3g}, in a unit that no file says",
        expected=f"about {usual:.3g} m s-1, as in the training years",
        remedy="This looks like knots or km/h: convert to m s-1 (1 knot = 0.5144 m s-1), or set the attribute units. "
        f"If it is real, say --accept {names[0]} --accept {names[1]}.",
    )
