"""Forcing files: on the model's grid or latitude-longitude, and every way they can be wrong."""

import cftime
import numpy as np
import pytest
import xarray as xr

from halocline.data.grids.projection import to_grid
from halocline.runtime.errors import ConfigError, InputError
from halocline.worlds.arctic import run
from halocline.worlds.arctic.domain import PROJECTION, arctic_domain
from halocline.worlds.arctic.forcing_file import FileForcing
from halocline.worlds.arctic.run import simulate

DOMAIN = arctic_domain(100)


def times(days=366, hours=24, calendar="standard", start=(2003, 1, 1)):
    first = cftime.datetime(*start, calendar=calendar)
    return xr.date_range(first, periods=days * 24 // hours, freq=f"{hours}h", calendar=calendar, use_cftime=True)


def lat_lon(axis=None, step=2.5, east=8.0, north=0.0):
    """A globe with a uniform eastward wind, ERA5-like: latitudes from the north, longitudes 0 to 360."""
    axis = times() if axis is None else axis
    lat, lon = np.arange(90.0, 40.0, -step), np.arange(0.0, 360.0, step)
    shape = (len(axis), lat.size, lon.size)
    t2m = np.broadcast_to(250.0 + 0.5 * (90 - lat)[None, :, None], shape).copy()
    dims = ("time", "latitude", "longitude")
    return xr.Dataset(
        {
            "t2m": (dims, t2m, {"units": "K"}),
            "d2m": (dims, t2m - 2.0, {"units": "K"}),
            "u10": (dims, np.full(shape, east), {"units": "m s**-1"}),
            "v10": (dims, np.full(shape, north), {"units": "m s**-1"}),
        },
        {"time": axis, "latitude": lat, "longitude": lon},
    )


def same_grid(axis=None):
    axis = times() if axis is None else axis
    grid = DOMAIN.grid
    shape = (len(axis), *grid.shape)
    dims = ("time", "y", "x")
    rng = np.random.default_rng(0)
    out = grid.to_dataset()
    out = out.assign_coords(time=axis)
    out["t2m"] = (dims, np.full(shape, 255.0) + np.arange(len(axis))[:, None, None] * 0.01)
    out["q2m"] = (dims, np.full(shape, 8e-4))
    out["u10"] = (dims, rng.normal(0.0, 1.0, (len(axis), 1, 1)) + np.zeros(shape))
    out["v10"] = (dims, np.full(shape, -2.0))
    return out


def opened(dataset, tmp_path, years=1):
    path = tmp_path / "forcing.nc"
    dataset.to_netcdf(path)
    return FileForcing(path, DOMAIN, years)


def test_winds_are_rotated_to_the_grid(tmp_path):
    air = opened(lat_lon(), tmp_path).at(0)
    east, north = to_grid(air.u10, air.v10, -PROJECTION.turn(DOMAIN.grid.lon, DOMAIN.grid.lon))
    far = DOMAIN.grid.lat < 85
    np.testing.assert_allclose(east[far], 8.0, atol=0.03)
    np.testing.assert_allclose(north[far], 0.0, atol=0.1)
    assert np.abs(air.u10).max() < 8.01
    assert air.t2m[32, 32] == pytest.approx(250.0, abs=0.6)
    np.testing.assert_allclose(air.t2m, 250.0 + 0.5 * (90 - DOMAIN.grid.lat), atol=0.05)
    assert air.u10_corner.shape == (65, 65)


def test_longitudes_from_minus_180_and_latitudes_from_the_south_give_the_same(tmp_path):
    other = lat_lon().isel(latitude=slice(None, None, -1))
    other = other.assign_coords(longitude=(other["longitude"] + 180) % 360 - 180).sortby("longitude")
    (tmp_path / "b").mkdir()
    a, b = opened(lat_lon(), tmp_path).at(9), opened(other, tmp_path / "b").at(9)
    for name in ("t2m", "q2m", "u10", "v10", "u10_corner"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), atol=1e-9)


def test_dew_point_becomes_humidity(tmp_path):
    data = lat_lon()
    data["t2m"][:] = 273.15
    data["d2m"][:] = 273.15
    assert opened(data, tmp_path).at(0).q2m[30, 30] == pytest.approx(0.622 * 611.2 / (101300 - 0.378 * 611.2), rel=1e-6)


def test_records_are_interpolated_leap_days_left_out_and_spinup_repeats_the_first_year(tmp_path):
    data = same_grid(times(days=366, start=(2004, 1, 1)))
    source = opened(data, tmp_path)
    before = source.at(-1460 + 2)
    np.testing.assert_allclose(before.u10[5, 5], 0.5 * (data["u10"].values[0, 5, 5] + data["u10"].values[1, 5, 5]))
    source = FileForcing(tmp_path / "forcing.nc", DOMAIN, 1)
    assert source.at(2).t2m[5, 5] == pytest.approx(255.005)
    assert source.at(58 * 4).t2m[5, 5] == pytest.approx(255.58)  # 28 February
    assert source.at(59 * 4).t2m[5, 5] == pytest.approx(255.60)  # 1 March, record 60 of a leap year


def test_land_may_be_nan_on_the_model_grid(tmp_path):
    data = same_grid()
    data["u10"] = data["u10"].where(DOMAIN.grid.mask)
    air = opened(data, tmp_path).at(0)
    assert np.isfinite(air.u10).all()
    assert np.isfinite(air.u10_corner).all()


def test_celsius_with_its_unit_is_converted(tmp_path):
    data = lat_lon()
    for name in ("t2m", "d2m"):
        data[name] = data[name] - 273.15
        data[name].attrs["units"] = "degC"
    assert opened(data, tmp_path).at(0).t2m[32, 32] == pytest.approx(250.0, abs=0.6)


def gap(data):
    return data.isel(time=[k for k in range(data.sizes["time"]) if k not in (40, 41)])


def hole(data):
    data["u10"].values[0, 3, 5] = np.nan
    return data


def celsius(data):
    data["t2m"] = data["t2m"] - 273.15
    return data


def grams(data):
    return data.drop_vars("d2m").assign(q2m=data["t2m"] * 0 + 2.0)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda d: d.drop_vars("u10"), "variable 'u10'.*no such variable"),
        (gap, "gap of 72 h after 2003-02-09"),
        (lambda d: d.isel(time=slice(0, 300)), "1 year"),
        (lambda d: d.isel(time=slice(40, None)), "1 January"),
        (lambda d: d.isel(time=[0, 2, 1, *range(3, 366)]), "do not increase"),
        (lambda d: d.assign_coords(time=np.arange(d.sizes["time"])), "time in.*expected a CF time axis"),
        (hole, "'u10'.*1 cells that are NaN"),
        (celsius, "--unit t2m=degC"),
        (grams, "'q2m'.*2"),
        (lambda d: d.isel(latitude=slice(0, 8)), "latitudes 72.5 to 90"),
        (lambda d: d.isel(latitude=slice(8, None)), "latitudes"),
        (lambda d: d.isel(longitude=slice(0, 72)), "longitudes 0 to 177.5"),
        (lambda d: d.isel(longitude=[0, 1, 2, 4, 7]), "unequal steps"),
        (lambda d: d.rename(latitude="rows", longitude="columns"), "dimensions time, rows"),
    ],
)
def test_broken_files(change, match, tmp_path):
    with pytest.raises(InputError, match=match):
        opened(change(lat_lon()), tmp_path)


def test_a_file_of_another_grid_and_a_missing_file(tmp_path):
    path = tmp_path / "forcing.nc"
    same_grid().to_netcdf(path)
    with pytest.raises(InputError, match="y, x = 64, 64"):
        FileForcing(path, arctic_domain(50), 1)
    with pytest.raises(InputError, match="no such file"):
        FileForcing(tmp_path / "none.nc", DOMAIN, 1)


def test_a_bad_record_inside_the_year_stops_the_run_with_its_number(tmp_path):
    data = lat_lon()
    data["v10"].values[3, 2, 2] = np.nan
    source = opened(data, tmp_path)
    source.at(4)
    with pytest.raises(InputError, match="record 3"):
        source.at(9)


def test_two_months_from_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "YEAR_HOURS", 24 * 60)
    path = tmp_path / "forcing.nc"
    season = 252.0 - 22.0 * np.cos(2 * np.pi * (np.arange(366) - 15) / 365)
    data = lat_lon(east=4.0, north=1.0)
    data["t2m"] = data["t2m"] * 0 + season[:, None, None]
    data["d2m"] = data["t2m"] - 1.0
    data.to_netcdf(path)
    from halocline.data.store.store import open_store

    out = simulate(tmp_path / "a.zarr", years=1, spinup_years=0, forcing=path, interval_hours=24, quiet=True)
    store = open_store(out)
    state = store.read(0, 50)
    np.testing.assert_allclose(state[6][store.grid.mask], season[50], rtol=2e-4)
    assert 8e12 < store.grid.area[state[1] > 0.15].sum() < 18e12


def test_members_and_warming_have_no_place_beside_a_file(tmp_path):
    for extra in ({"members": 2}, {"warming": 1.0}):
        with pytest.raises(ConfigError, match="forcing"):
            simulate(tmp_path / "a.zarr", forcing=tmp_path / "f.nc", **extra)
