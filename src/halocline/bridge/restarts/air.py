"""The air above the ice, which the temperatures of a column are made of: given, in a file, or a mean season."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.bridge.restarts.members import Member
from halocline.data.files.open import Source, read_dataset, source_text
from halocline.data.grids.grid import Grid
from halocline.data.reading.read import read_states
from halocline.runtime.errors import ConfigError, InputError, require_within
from halocline.worlds.arctic.weather.climatology import season

ZERO_CELSIUS = 273.15  # K
WINTER, SUMMER = -31.0, -0.5
"""degC, at the pole in the Arctic world's climatology (``worlds/arctic/weather/climatology.py``)."""

Air = Callable[[int, Member], np.ndarray]
"""``air(k, member)``: temperature (y, x) above the k-th state that is written, degC."""


def air_temperature(word: str | xr.Dataset | None, grid: Grid, count: int, first: Member) -> Air:
    """Return the air temperature above states.

    Args:
        word: A number, degC, or a file or dataset with t2m on the grid, of one time or as many as states; None for the
            mean season: -31 degC in winter, -0.5 in summer, half a year later south of the equator.
        grid: Where the states lie.
        count: How many there are.
        first: The first of them.

    Raises:
        InputError: If the file does not fit, or states without a date ask for the season.
        ConfigError: If the number is none of an air temperature.
    """
    if word is None:
        return _season(grid, first)
    if isinstance(word, xr.Dataset):
        return _maps(word, grid, count)
    try:
        number = float(word)
    except ValueError:
        return _maps(Path(word), grid, count)
    require_within("air temperature", number, -80.0, 40.0, " degC")
    return lambda k, member: np.full(grid.shape, number)


def _season(grid: Grid, first: Member) -> Air:
    if first.share is None:
        raise ConfigError(
            "air temperature",
            found="none, and states that do not say when in the year they are",
            expected="the temperature of the air above the ice, or day_of_year beside the states",
            remedy="Give --air-temperature -20 (degC), or a file with t2m.",
        )
    south = np.where(np.nan_to_num(grid.lat, nan=90.0) < 0, 0.5, 0.0)

    def at(k: int, member: Member) -> np.ndarray:
        share = member.share or 0.0
        warm = [season(365.0 * ((share + later) % 1.0), warmest=203.0, sharpness=1.4) for later in (0.0, 0.5)]
        return WINTER + (SUMMER - WINTER) * np.where(south > 0, warm[1], warm[0])

    return at


def _maps(source: Source, grid: Grid, count: int) -> Air:
    surface = replace(grid, vertical=None)
    reading = read_states(
        read_dataset(source), group="forcing", wanted=["t2m"], source=source_text(source), target=surface
    )
    maps = np.asarray(reading.dataset["t2m"].values, np.float64).reshape(-1, *grid.shape) - ZERO_CELSIUS
    if len(maps) not in (1, count):
        raise InputError(
            f"'t2m' in {source_text(source)}",
            found=f"{len(maps)} times",
            expected="one" if count == 1 else f"one, or {count} as there are states",
            remedy="Cut out the times of the states.",
        )
    return lambda k, member: maps[k % len(maps)]
