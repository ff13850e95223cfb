"""When a forecast begins from a state that knows its day of the year, not its year: where the weather first allows."""

from collections.abc import Callable

import numpy as np

from halocline.chain.forecast.weather import Weather
from halocline.data.fields.calendar import date_of, year_of
from halocline.data.fields.variables import variables_among
from halocline.data.files.open import Source, is_forecast, is_store, open_dataset, source_text
from halocline.data.files.state_day import hour_in_year, share_of_year
from halocline.data.files.states import open_state_file
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.runtime.errors import InputError

YEAR_WITHOUT_WEATHER = 2000


def hour_of_state(
    path: Source,
    index: int,
    weather_on: Callable[[Grid], Weather] | None,
    calendar: str,
    length: int,
    step: int,
    choices: Choices = AS_THE_FILE_SAYS,
    like: Grid | None = None,
) -> int | None:
    """Return when a forecast from a file of states begins, hours since 2000-01-01; None if it is not known.

    States with a time begin then; those with a day of the year on the first such day that weather covers.

    Args:
        path: The start; stores and forecasts have dates of their own and need none.
        index: Which state of the file.
        weather_on: Opens the weather on the states' grid; None for a model that needs none, which begins in 2000.
        calendar: Calendar of the forecast.
        length: Length of the forecast, hours.
        step: Step of the model, hours.
        choices: What the file does not say.
        like: The model's grid, see ``start_of_file``.

    Raises:
        InputError: If there is no such state, its day is none of the year, or the weather covers no such forecast.
    """
    if is_store(path) or is_forecast(path):
        return None
    file = open_state_file(path, "start", choices)
    own = file.hour(index, calendar)
    if own is not None:
        return round(own)
    dataset = open_dataset(path, "start", "raw")
    names = variables_among(dataset.data_vars)
    share = share_of_year(dataset, names[0], index, f"start {source_text(path)}") if names else None
    if share is None:
        return None
    if weather_on is None:
        return hour_in_year(share, YEAR_WITHOUT_WEATHER, calendar, step)
    return _first_covered(share, weather_on(file.read(index=index, like=like).grid), length, step)


def _first_covered(share: float, weather: Weather, length: int, step: int) -> int:
    """Return the first hour at that share of a year from which on the weather has a record at every step."""
    first, last = weather.hours[[0, -1]]
    years = year_of(np.array([first, last]), weather.calendar)
    for year in range(years[0] - 1, years[1] + 1):  # the last hours of a year may be rounded into the next one
        hour = hour_in_year(share, year, weather.calendar, step)
        if np.isin(np.arange(hour, hour + length + 1, step), weather.hours).all():
            return hour
    wanted = date_of(hour_in_year(share, int(years[0]), weather.calendar, step), weather.calendar)
    raise InputError(
        weather.name,
        found=f"records from {date_of(first, weather.calendar)} to {date_of(last, weather.calendar)}",
        expected=f"a record every {step} h over {length / 24:g} days from the state's day on, e.g. {wanted}",
        remedy="Complete the forcing, forecast fewer days, or say when the forecast begins: --at 2007-01-01",
    )
