"""ERA5 as a kind of source: its files of the same times go together, and become forcing in our names and units."""

import numpy as np
import pytest
import xarray as xr

from halocline.bridge.sources.base import SOURCES
from halocline.data.reading.humidity import specific_humidity_at_dew_point
from halocline.data.reading.read import read_states
from halocline.runtime.errors import InputError
from tests.data.weather.weather_files import era5_new, era5_old
from tests.data.weather.weather_traps import two_versions

ERA5 = SOURCES["era5"]


def written(dataset, path):
    dataset.to_netcdf(path)
    return path


def read(part):
    return read_states(ERA5.tidy(ERA5.open(part)).load(), group="forcing", source="ERA5")


@pytest.mark.parametrize(
    "make", [era5_old, era5_new, lambda: two_versions(era5_old())], ids=["old", "new", "two versions"]
)
def test_the_old_and_the_new_form(make, tmp_path):
    data = make()
    plain = era5_old()
    (part,) = ERA5.parts([written(data, tmp_path / "a.nc")])
    reading = read(part)
    assert reading.names == ("t2m", "q2m", "u10", "v10")
    states = reading.dataset
    assert states["y"].values[0] == 30.0
    at = {"x": 3, "time": -1}
    np.testing.assert_allclose(states["t2m"].isel(at), plain["t2m"].isel(longitude=3, time=-1)[::-1], atol=1e-3)
    np.testing.assert_allclose(states["u10"].isel(at), plain["u10"].isel(longitude=3, time=-1)[::-1], atol=1e-3)
    np.testing.assert_allclose(states["q2m"], specific_humidity_at_dew_point(np.float64(255.0)), rtol=1e-4)


def test_files_of_the_same_times_go_together_and_accumulated_fields_are_left_out(tmp_path):
    january = era5_new()
    february = january.assign_coords(valid_time=january["valid_time"] + 24 * 31)
    february["valid_time"].attrs = january["valid_time"].attrs
    rain = xr.Dataset({"tp": january["t2m"] * 0}, attrs={"step": "accum"})
    files = [
        written(january[["t2m", "d2m"]], tmp_path / "warmth.nc"),
        written(january[["u10", "v10"]], tmp_path / "wind.nc"),
        written(rain, tmp_path / "data_stream-oper_stepType-accum.nc"),
        written(february, tmp_path / "february.nc"),
    ]
    parts = ERA5.parts(files)
    assert [[file.name for file in part.files] for part in parts] == [["warmth.nc", "wind.nc"], ["february.nc"]]
    assert read(parts[0]).names == read(parts[1]).names == ("t2m", "q2m", "u10", "v10")
    with pytest.raises(InputError, match="none of its instantaneous variables"):
        ERA5.parts(files[2:3])
    other = written(january[["u10", "v10"]].isel(latitude=slice(2, None)), tmp_path / "other.nc")
    with pytest.raises(InputError, match="do not go together"):
        ERA5.open(ERA5.parts([files[0], other])[0])


def test_what_its_converter_calls_unknown_the_manual_tells(tmp_path):
    data = era5_new()
    for name in data.data_vars:
        data[name].attrs = {"standard_name": "unknown"}
    (part,) = ERA5.parts([written(data, tmp_path / "a.nc")])
    opened = ERA5.open(part)
    assert opened["u10"].attrs["standard_name"] == "eastward_wind"
    assert opened["d2m"].attrs["units"] == "K"
