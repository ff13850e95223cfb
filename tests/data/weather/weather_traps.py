"""What may be unusual in a weather file: each a change of a dataset of weather_files; None where it cannot occur."""

import numpy as np
import xarray as xr

from tests.data.weather.weather_files import GRID, wind

_WIND = ("u10", "v10", "uas", "vas", "ugrd10m-hgt-an-gauss", "vgrd10m-hgt-an-gauss")
_MOIST = ("q2m", "huss", "spfh2m-hgt-an-gauss")
_WARM = ("t2m", "d2m", "tas", "tmp2m-hgt-an-gauss")


def _here(data, names):
    return [name for name in names if name in data]


def _time(data):
    return "valid_time" if "valid_time" in data.dims else "time"


def _axes(data):
    return next(pair for pair in (("latitude", "longitude"), ("lat", "lon"), ("y", "x")) if set(pair) <= set(data.dims))


def _scaled(data, names, factor, offset, unit):
    for name in _here(data, names):
        data[name] = (data[name] * factor + offset).astype("f4").assign_attrs(data[name].attrs | {"units": unit})
    return data


def knots(data):
    return _scaled(data, _WIND, 3600 / 1852, 0, "knots")


def km_per_hour(data):
    return _scaled(data, _WIND, 3.6, 0, "km h-1")


def celsius(data):
    return _scaled(data, _WARM, 1, -273.15, "degC")


def percent_wind(data):
    return _scaled(data, _WIND, 1, 0, "hPa")


def kelvin_called_nothing(data):
    data = _scaled(data, _WARM, 1, -273.15, "x")
    for name in _here(data, _WARM):
        del data[name].attrs["units"]
    return data


def no_unit(data):
    for name in _here(data, _WIND):
        del data[name].attrs["units"]
    return data


def negative_humidity(data):
    for name in (moist := _here(data, _MOIST)):
        data[name].values[:, 3, 5] = -1e-7
    return data if moist else None


def two_versions(data):
    if "longitude" not in data.dims:
        return None
    data = data.drop_vars(["expver"], errors="ignore")
    late = np.arange(data.sizes[_time(data)]) >= 12
    both = data.expand_dims(expver=[1, 5], axis=1).copy(deep=True)
    for name in data.data_vars:
        both[name].values[late, 0] = np.nan
        both[name].values[~late, 1] = np.nan
    return both


def _members(data, count):
    data = data.drop_vars("number", errors="ignore")
    return data.assign({n: v.expand_dims(number=range(count), axis=1) for n, v in data.items() if v.ndim > 2})


def one_member(data):
    return _members(data, 1)


def two_members(data):
    return _members(data, 2)


def rows_reversed(data):
    return data.isel({_axes(data)[0]: slice(None, None, -1)})


def columns_first(data):
    return data.transpose(_time(data), *_axes(data)[::-1])


def other_longitudes(data):
    name = "longitude" if "longitude" in data.variables else "lon"
    values = data[name].values
    lon = (values + 180) % 360 - 180 if (values > 180).any() else values % 360
    data = data.assign_coords({name: data[name].copy(data=lon)})
    return data.sortby(name) if name in data.dims else data


def float32(data):
    for name in [n for n in data.coords if data[n].dtype == "f8" and n != _time(data)]:
        data = data.assign_coords({name: data[name].astype("f4")})
    return data


def first_column_repeated(data):
    x = _axes(data)[1]
    if x == "x":
        return None
    again = data.isel({x: [0]}).assign_coords({x: data[x].values[:1] + 360})
    return xr.concat([data, again], x, data_vars="minimal", coords="minimal", compat="override")


def region(data):
    y = _axes(data)[0]
    return data.where(data[y] > 35, drop=True) if y != "y" else None


def too_small(data):
    _y, x = _axes(data)
    return data.isel({x: slice(0, data.sizes[x] // 2)})


def another_grid(data):
    if _axes(data)[0] != "y":
        return None
    lat, lon = GRID.lat.T[::-1], GRID.lon.T[::-1] + 20.0
    return data.assign_coords(lat=(("y", "x"), lat), lon=(("y", "x"), lon)).drop_vars(["x", "y", "projection"])


def kilometres(data):
    if _axes(data)[0] != "y":
        return None
    data = data.drop_vars(["lat", "lon", "projection"])
    return data.assign_coords({n: (n, data[n].values / 1e3, {"units": "km"}) for n in ("x", "y")})


def eastward(data):
    if _axes(data)[0] != "y":
        return None
    for name, part, standard in zip(
        ("u10", "v10"), wind(GRID.lat, GRID.lon), ("eastward_wind", "northward_wind"), strict=True
    ):
        attrs = {"units": "m s-1", "standard_name": standard}
        data[name] = data[name].copy(data=np.broadcast_to(part, data[name].shape).astype("f4")).assign_attrs(attrs)
    return data


def means(data):
    """Means of 6 h, stamped at their end, with bounds."""
    time = _time(data)
    middle = data[time].values.astype(float)
    bounds = np.stack([middle - 12, middle + 12], axis=1)
    data = data.assign_coords({time: (time, bounds[:, 1], data[time].attrs | {"bounds": "time_bnds"})})
    return data.assign(time_bnds=((time, "bnds"), bounds))


def days_360(data):
    data[_time(data)].attrs["calendar"] = "360d"
    return data


def gap(data):
    return data.isel({_time(data): [0, 1, 2, 3, 9, 10]})


def twice(data):
    return data.isel({_time(data): [0, 1, 2, 2, 3, 4]})


def unsorted(data):
    return data.isel({_time(data): [0, 1, 3, 2, 4, 5]})


def hole(data):
    name = _here(data, _WIND)[0]
    ocean = np.argwhere(GRID.mask)[0] if "y" in data.dims else (2, 5)
    data[name].values[0, ocean[0], ocean[1]] = np.nan
    return data


def no_wind(data):
    return data.drop_vars(_here(data, _WIND)[0])


TRAPS = {
    "wind in knots": knots,
    "wind in km/h": km_per_hour,
    "temperatures in °C": celsius,
    "wind in hPa": percent_wind,
    "wind without a unit": no_unit,
    "°C without a unit": kelvin_called_nothing,
    "humidity of −1e-7": negative_humidity,
    "dimension expver, one of two missing": two_versions,
    "dimension number of one": one_member,
    "an ensemble": two_members,
    "rows the other way round": rows_reversed,
    "(x, y) instead of (y, x)": columns_first,
    "longitudes −180..180 or 0..360": other_longitudes,
    "coordinates in single precision": float32,
    "first column repeated at 360°": first_column_repeated,
    "a region that covers the grid": region,
    "a region that does not": too_small,
    "another grid of the same shape": another_grid,
    "only x and y, in km": kilometres,
    "eastward wind on the grid": eastward,
    "means with bounds": means,
    "calendar of 360 days, as `360d`": days_360,
    "a gap": gap,
    "a time twice": twice,
    "times out of order": unsorted,
    "a missing value on the ocean": hole,
    "a variable is missing": no_wind,
}
"""Changes by the name of the trap on the page."""
