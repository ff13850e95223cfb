"""What a date, and the weather before it, tell a generator."""

import numpy as np

from halocline.data.fields.calendar import NOLEAP, day_of_year, days_in_year, hour_of, year_of
from halocline.data.files.open import Source
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.sampling.conditions import DAY, WIND, Conditions
from halocline.runtime.errors import ConfigError


def conditions_on(
    conditions: Conditions | None,
    at: str,
    weather: Source | None,
    grid: Grid,
    choices: Choices = AS_THE_FILE_SAYS,
) -> dict[str, float]:
    """Return the conditions of a date: the day of the year, and the indices of the wind of the days before.

    Args:
        conditions: Those of the model; None if it has none.
        at: The date, e.g. ``2007-03-15 12:00``, of the calendar of the training data (noleap without wind).
        weather: File with ``u10`` and ``v10``, m s-1, that covers the days before; None for the day of the year alone.
        grid: Of the model.
        choices: What the file does not say.

    Raises:
        ConfigError: If the model is not told what is given.
        InputError: If it is no date, or the file does not cover it.
    """
    names = () if conditions is None else conditions.names
    wind = None if conditions is None else conditions.wind
    if conditions is None or (not conditions.season and weather is None) or (weather is not None and wind is None):
        raise ConfigError(
            f"date {at}" if weather is None else f"weather {weather}",
            found=f"a model that is told {', '.join(names) or 'nothing'}",
            expected=f"one that is told {DAY if weather is None else f'the {WIND}'}",
            remedy=f'Leave it out, or train a model with --set \'condition=["{DAY}", "{WIND}"]\'; \'halocline inspect '
            "MODEL' says what one is told.",
        )
    told = {} if weather is None or wind is None else wind.of_file(weather, at, grid, choices)
    if conditions.season:
        calendar = NOLEAP if wind is None else wind.calendar
        hour = np.array(hour_of(at, calendar))
        own = days_in_year(int(year_of(hour, calendar)), calendar)
        told[DAY] = float(day_of_year(hour, calendar)) * conditions.days_per_year / own
    return told
