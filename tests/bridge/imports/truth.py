"""The state that all small files of ice products hold, and what their generators share."""

import datetime
from dataclasses import dataclass

import cftime
import numpy as np
import xarray as xr

from halocline.bridge.sources.base import SOURCES
from halocline.data.grids.projection import Plane, to_grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS
from halocline.data.reading.read import Reading, read_states

SPHERES = {
    "topaz": "+proj=stere +lat_0=90 +lon_0=-45 +k=1 +R=6378273 +units=m +no_defs",
    "nextsim": "+proj=stere +lat_0=90 +lat_ts=60 +lon_0=-45 +R=6378273 +units=m +no_defs",
}
NY, NX = 14, 12
TIMES = 3


@dataclass(frozen=True, eq=False)
class Truth:
    """What a reader must make of a product: fields (time, y, x) in our units, missing on land, and the grid."""

    lat: np.ndarray
    lon: np.ndarray
    land: np.ndarray
    fields: dict[str, np.ndarray]
    east: np.ndarray
    north: np.ndarray
    x: np.ndarray
    y: np.ndarray
    plane: Plane

    def on_land(self, name: str, value: float = np.nan) -> np.ndarray:
        return np.where(self.land, value, self.fields[name])

    def per_ice(self, name: str) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.fields["sic"] > 0, self.fields[name] / self.fields["sic"], 0.0)


def truth(epsg: str = "EPSG:3413", spacing: float = 300e3, times: int = TIMES) -> Truth:
    """The state on a polar plane; ice around the pole, land to one side, water and ice edge to the other."""
    plane = Plane.of(epsg)
    x = spacing * (np.arange(NX) - 0.45 * NX)
    y = spacing * (np.arange(NY) - 0.55 * NY)
    lat, lon = plane.inverse(x[None, :], y[:, None])
    k = np.arange(times)[:, None, None]
    land = (x[None, :] > 1.2e6) & (y[:, None] < -0.3e6)
    sic = np.clip(1.6 - (90 - lat) / 12 - 0.02 * k, 0, 1) * np.ones((times, 1, 1))
    ice = sic > 0
    east = np.where(ice, 0.1 * np.cos(np.deg2rad(lon)) + 0.02 * k, 0.0)
    north = np.where(ice, 0.05 * np.sin(np.deg2rad(2 * lon)) - 0.01 * k, 0.0)
    siu, siv = to_grid(east, north, plane.turn(lat, lon))
    fields = {
        "sic": sic,
        "sit": sic * (1.5 + 0.5 * np.cos(np.deg2rad(lon))),
        "snt": sic * (0.2 + 0.05 * np.sin(np.deg2rad(lon))),
        "sid": np.where(ice, np.clip(0.8 + 0.5 * np.sin(np.deg2rad(3 * lon)), 0, 1), 0.0),
        "siu": siu,
        "siv": siv,
    }
    return Truth(lat, lon, land, fields, east, north, x, y, plane)


def read(kind, files, choices=AS_THE_FILE_SAYS, target=None) -> Reading:
    """The reading of files by a kind, as import makes it."""
    source = SOURCES[kind]
    (part,) = source.parts(files)
    slab = source.tidy(source.open(part).load())
    return read_states(slab, group="seaice", choices=choices, target=target)


def days(times: int = TIMES, calendar: str = "standard", first: tuple[int, int, int] = (2020, 2, 28)) -> list:
    """Days across a leap day where the calendar has one."""
    start = cftime.datetime(*first, 12, calendar=calendar)
    return [cftime.num2date(k, f"days since {start.isoformat()}", calendar=calendar) for k in range(times)]


def packed(step: float, kind: str = "int16", fill: int | None = None) -> dict:
    return {"dtype": kind, "scale_factor": step, "_FillValue": np.iinfo(kind).min + 1 if fill is None else fill}


def write(ds: xr.Dataset, path, changes) -> None:
    for change in changes.values():
        ds = change(ds)
    ds.to_netcdf(path)


def off_land(t: Truth, field: np.ndarray) -> np.ndarray:
    return np.where(t.land, np.nan, field)


def staggered(t: Truth, points: dict[str, tuple[float, float]]) -> tuple[Truth, dict[str, np.ndarray]]:
    """The truth with a drift that is linear in row and column, and what a model holds at its faces or corners.

    The mean is written out cell by cell: points beside land are at rest, and beyond the first row or column is none.
    """
    times = t.fields["sic"].shape[0]
    drift = {"siu": lambda j, i: 0.1 + 0.01 * i + 0.002 * j, "siv": lambda j, i: -0.05 + 0.003 * i + 0.01 * j}
    fields, stored = dict(t.fields), {}
    for name, (up, right) in points.items():
        j, i = np.meshgrid(np.arange(NY), np.arange(NX), indexing="ij")
        held = np.where(t.land, np.nan, drift[name](j + up, i + right))
        mean = np.zeros((NY, NX))
        for row, column in np.ndindex(NY, NX):
            around = []
            for down in (0, 1) if up else (0,):
                for left in (0, 1) if right else (0,):
                    a, b = row - down, column - left
                    if a < 0 or b < 0:
                        continue
                    beside = t.land[a : a + (2 if up else 1), b : b + (2 if right else 1)]
                    around.append(0.0 if beside.any() else held[a, b])
            mean[row, column] = np.mean(around)
        fields[name] = np.where(t.fields["sic"] > 0, mean, 0.0)
        stored[name] = np.broadcast_to(held, (times, NY, NX))
    return Truth(t.lat, t.lon, t.land, fields, t.east, t.north, t.x, t.y, t.plane), stored


def hours(number: float) -> datetime.timedelta:
    return datetime.timedelta(hours=number)
