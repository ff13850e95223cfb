"""Is this the weather that a surrogate was trained with, in its units?"""

from collections.abc import Callable

import numpy as np

from halocline.chain.forecast.weather import Weather
from halocline.data.fields.calendar import date_of
from halocline.data.fields.variables import variable
from halocline.data.files.problems import Problems
from halocline.data.files.validate import check_values
from halocline.runtime.errors import InputError

_RECORDS = 24
_LEAST = 4  # records, fewer say nothing about the mean strength of the wind
_KNOTS = 1.6  # times the trained strength; a knot is 0.51 m/s, so winds in knots are 1.94 times as strong


def check_weather(
    weather: Weather,
    trained_strength: Callable[[str], float | None],
    names: tuple[str, ...],
    mask: np.ndarray,
    first: int,
    last: int,
    step: int,
) -> None:
    """Raise InputError if some of the records between two hours have gaps or look like another unit.

    Args:
        weather: The source.
        trained_strength: Root mean square of a variable in the training years; None where nothing was trained.
        names: What is needed of it.
        mask: Ocean (y, x).
        first: First hour.
        last: Last hour.
        step: Hours between records.
    """
    steps = np.arange(first, last + 1, step)
    chosen = steps[np.unique(np.linspace(0, len(steps) - 1, min(_RECORDS, len(steps))).astype(int))]
    records = []
    for hour in chosen:
        fields, problems = weather.read(int(hour), names), Problems(weather.name)
        for name, field in zip(names, fields, strict=True):
            with problems.collect():
                check_values(field, variable(name), mask, f"{weather.name} at {date_of(int(hour), weather.calendar)}")
        problems.raise_all()
        records.append(fields[:, mask])
    if len(records) < _LEAST:
        return
    strength = np.sqrt(np.mean(np.square(records), axis=(0, 2)))
    for name, found in zip(names, strength, strict=True):
        trained = trained_strength(name)
        if trained is not None and variable(name).unit == "m s-1" and found > _KNOTS * trained:
            raise InputError(
                f"forcing variable '{name}', {weather.name}",
                found=f"a root mean square of {found:.3g}",
                expected=f"about {trained:.3g} m s-1, as in the training years",
                remedy="This looks like knots or km/h: convert to m s-1 (1 knot = 0.5144 m s-1).",
            )
