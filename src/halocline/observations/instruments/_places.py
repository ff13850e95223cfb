"""Where instruments measure: at random places at sea, and under satellites."""

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.observations.locate import locate

_SIDEREAL_DAY = 23.934472  # hours
_ROUNDS = 200
EARTH_KM = 40030.0
"""Circumference of the Earth, km."""


def at_random(grid: Grid, count: int, rng: np.random.Generator, allowed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return latitudes and longitudes of places spread evenly over the sphere, within allowed cells.

    Args:
        grid: The grid.
        count: How many; fewer come back where allowed cells are very few.
        rng: Random numbers.
        allowed: True where a place may lie (y, x).
    """
    low, high = (float(f(grid.lat[grid.mask])) for f in (np.nanmin, np.nanmax))
    margin = 0.5 * max(abs(high - low) / max(grid.shape), 1e-3)
    sines = np.sin(np.deg2rad(np.clip([low - margin, high + margin], -90.0, 90.0)))
    lon0, width = _longitudes(grid)
    found: list[np.ndarray] = []
    have = 0
    for _ in range(_ROUNDS if allowed.any() else 0):
        draws = rng.uniform(size=(4 * count + 16, 2))
        lat = np.rad2deg(np.arcsin(sines[0] + (sines[1] - sines[0]) * draws[:, 0]))
        lon = (lon0 + width * draws[:, 1] + 180.0) % 360.0 - 180.0
        where = locate(grid, lat, lon)
        on = where.row >= 0
        on[on] = allowed[where.row[on], where.column[on]]
        found.append(np.stack([lat[on], lon[on]]))
        have += int(on.sum())
        if have >= count:
            break
    places = np.concatenate(found, axis=1) if found else np.zeros((2, 0))
    return places[0, :count], places[1, :count]


def ground_track(hours: np.ndarray, inclination: float, period: float, node: float) -> tuple[np.ndarray, np.ndarray]:
    """Return latitude and longitude under a satellite on a circular orbit, degrees.

    Source: spherical trigonometry of the ground track, e.g. Capderou 2014, "Handbook of Satellite Orbits", chapter 8;
    the precession of the node is left out.

    Args:
        hours: Times (n,), hours.
        inclination: Of the orbit, degrees.
        period: Of one revolution, minutes.
        node: Longitude of the ascending node at hour 0, degrees east.
    """
    u = 2 * np.pi * np.asarray(hours, np.float64) / (period / 60.0)
    i = np.deg2rad(inclination)
    lat = np.arcsin(np.sin(i) * np.sin(u))
    lon = np.rad2deg(np.arctan2(np.cos(i) * np.sin(u), np.cos(u))) + node - 360.0 * hours / _SIDEREAL_DAY
    return np.rad2deg(lat), (lon + 180.0) % 360.0 - 180.0


def samples(first: float, last: float, period: float, spacing: float, every: int) -> np.ndarray:
    """Return the hours at which a satellite measures, every ``spacing`` km along every so-manieth orbit.

    They are counted from hour 0, so that they do not depend on where the interval begins.

    Args:
        first: First hour.
        last: Hour before which it ends.
        period: Of one revolution, minutes.
        spacing: Along the track, km.
        every: 1 for every orbit, 2 for every other one.
    """
    step = period / 60.0 * spacing / EARTH_KM
    hours = step * np.arange(np.ceil(first / step), np.ceil(last / step))
    orbit = np.floor(hours / (period / 60.0)).astype(np.int64)
    return hours[orbit % every == 0]


def _longitudes(grid: Grid) -> tuple[float, float]:
    """Return where the longitudes of a grid's ocean begin, and over how many degrees they go: all round if in doubt."""
    lon = np.sort(np.unique(np.round(grid.lon[grid.mask] % 360.0, 3)))
    gaps = np.diff(np.concatenate([lon, lon[:1] + 360.0]))
    widest = int(np.argmax(gaps))
    if lon.size < 2 or gaps[widest] < 60.0:
        return 0.0, 360.0
    margin = float(np.median(gaps))
    begin = float(lon[(widest + 1) % lon.size]) - margin
    return begin, 360.0 - float(gaps[widest]) + 2 * margin
