"""Monthly means of a series; a month is a twelfth of its year."""

import numpy as np

from halocline.data.fields.calendar import NOLEAP, twelfth_of_year, year_of

MONTHS = 12


def by_month(hours: np.ndarray, values: np.ndarray, calendar: str = NOLEAP) -> tuple[np.ndarray, np.ndarray]:
    """Return monthly means of a series.

    Args:
        hours: Times (time,), hours since 2000-01-01.
        values: (time, ...); a NaN makes its month NaN.
        calendar: Calendar of the times.

    Returns:
        The years (year,), and means (year, month, ...), NaN for months with less than half of the usual states.
    """
    month = (year_of(hours, calendar) - 2000) * MONTHS + twelfth_of_year(hours, calendar)
    first = int(month.min()) // MONTHS
    years = int(month.max()) // MONTHS - first + 1
    place = month - first * MONTHS
    count = np.bincount(place, minlength=years * MONTHS)
    total = np.zeros((years * MONTHS, *values.shape[1:]))
    np.add.at(total, place, values)
    full = count >= max(1.0, 0.5 * count.max())
    means = np.full_like(total, np.nan)
    means[full] = total[full] / count[full].reshape(-1, *([1] * (values.ndim - 1)))
    return first + np.arange(years), means.reshape(years, MONTHS, *values.shape[1:])
