"""Humidity of weather files: many hold the dew point in its place."""

from collections.abc import Container, Iterable

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.reading.work import Work

STANDS_IN = {"q2m": "d2m"}
"""What is read where a variable is missing, and what that is made of."""

ZERO_CELSIUS = 273.15  # K


def with_stand_ins(wanted: Iterable[str], found: Container[str]) -> tuple[str, ...]:
    """Return the variables wanted, those that are missing replaced by what stands in for them, if that is there."""
    return tuple(name if name in found or (other := STANDS_IN.get(name)) not in found else other for name in wanted)  # type: ignore[misc]


def specific_humidity_at_dew_point(d2m: np.ndarray) -> np.ndarray:
    """Return the specific humidity (kg/kg at 1013 hPa) of a dew point in K, over water as ECMWF's d2m (Buck 1981)."""
    celsius = d2m - ZERO_CELSIUS
    vapour = 611.2 * np.exp(17.502 * celsius / (240.97 + celsius))
    return 0.622 * vapour / (101300.0 - 0.378 * vapour)


def humidity_of_dew_point(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with ``q2m`` in the place of ``d2m``."""
    if "d2m" not in names or "q2m" in names:
        return dataset
    dew = dataset["d2m"]
    humidity = specific_humidity_at_dew_point(np.asarray(dew.values, np.float64)).astype(dew.dtype)
    work.notes.add("converted", "q2m", MADE_OF_DEW_POINT)
    return dataset.assign(q2m=(dew.dims, humidity, variable("q2m").attributes())).drop_vars("d2m")


MADE_OF_DEW_POINT = "made of the dew point d2m, at 1013 hPa"
