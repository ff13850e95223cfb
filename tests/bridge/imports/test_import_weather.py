"""Weather beside the states of an import: on their cells, at their times, along their grid's axes."""

import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.data.fields.variables import variable
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import arctic_grid
from tests.data.weather.weather_files import WIND, era5_new, t2m

GRID = arctic_grid(100)


@pytest.fixture
def states(tmp_path):
    """Ice at two hours of the weather's days, one between two of its records."""
    dataset = GRID.to_dataset()
    for name, value in (("sit", 1.0), ("sic", 0.9)):
        field = np.where(GRID.mask, value, np.nan).astype("f4")
        dataset[name] = (("time", "y", "x"), np.stack([field] * 2), variable(name).attributes())
    hours = ("time", [6, 33], {"units": "hours since 2003-01-01", "calendar": "standard"})
    dataset.assign_coords(time=hours).to_netcdf(tmp_path / "ice.nc")
    return tmp_path / "ice.nc"


@pytest.fixture
def weather(tmp_path):
    data = era5_new()
    for name in ("u10", "v10"):
        data[name] = (data[name] * 3.6).assign_attrs(data[name].attrs | {"units": "km/h"})
    data.to_netcdf(tmp_path / "era5.nc")
    return tmp_path / "era5.nc"


def imported(states, out, **more):
    return hl.import_files(states, out, gaps="list", splits={"train": ("2003-01-01", "2003-01-03")}, **more)


def test_the_store_holds_the_weather_of_its_times(states, weather, tmp_path):
    store = imported(states, tmp_path / "s.zarr", forcing=weather)
    assert store.channels == ("sit", "sic", "t2m", "q2m", "u10", "v10")
    sample = dict(zip(store.channels, store.read(0, 1), strict=True))
    for name, right in zip(("u10", "v10"), WIND, strict=True):
        np.testing.assert_allclose(sample[name][GRID.mask], right, rtol=2e-3)
    seen = GRID.mask & (GRID.lat < 85)
    np.testing.assert_allclose(sample["t2m"][seen], t2m(GRID.lat, [33])[0][seen], rtol=2e-4)
    provenance = store.attributes["provenance"]
    assert provenance["forcing"] == "era5.nc"
    assert "converted u10: 'km/h' to 'm s-1'" in provenance["notes"]


def test_on_other_cells_the_wind_stays_along_the_axes(states, weather, tmp_path):
    store = imported(states, tmp_path / "s.zarr", forcing=weather, coarsen=2)
    sample = dict(zip(store.channels, store.read(0, 0), strict=True))
    np.testing.assert_allclose(sample["u10"][store.grid.mask], WIND[0], atol=0.03)
    np.testing.assert_allclose(sample["v10"][store.grid.mask], WIND[1], atol=0.03)


def test_weather_that_ends_early_or_comes_twice_is_refused(states, weather, tmp_path):
    with xr.open_dataset(weather, decode_times=False) as data:
        data.isel(valid_time=slice(0, 4)).to_netcdf(tmp_path / "short.nc")
    with pytest.raises(InputError, match=r"records from 2003-01-01 00:00 to 2003-01-01 18:00.*2003-01-02 09:00"):
        imported(states, tmp_path / "s.zarr", forcing=tmp_path / "short.nc")
    with xr.open_dataset(states, decode_times=False) as data:
        air = xr.full_like(data["sit"], 260.0).assign_attrs(variable("t2m").attributes())
        data.load().assign(t2m=air).to_netcdf(tmp_path / "both.nc")
    with pytest.raises(InputError, match="states that hold t2m themselves"):
        imported(tmp_path / "both.nc", tmp_path / "s.zarr", forcing=weather)
    assert not (tmp_path / "s.zarr").exists()
