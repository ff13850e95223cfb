"""The general reader of forcing: any variables, either hemisphere, any plane; and one error for all that is wrong."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from halocline.chain.dataset import to_dataset
from halocline.chain.forecast.weather import open_weather
from halocline.chain.forecast.weather_check import check_weather
from halocline.data.fields import variables
from halocline.data.fields.variables import Variable, register_variable
from halocline.data.files.forcing import ForcingFile
from halocline.data.files.open import open_dataset
from halocline.data.files.states import open_states
from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import Plane, projection_of, to_grid
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import arctic_domain
from halocline.worlds.arctic.forcing_file import FileForcing
from tests.toy import CHANNELS, toy_grid, toy_sample

AIR = ("t2m", "q2m", "u10", "v10")


def antarctic(code="EPSG:3976", n=40, spacing=2e5):
    """Ocean around a round continent."""
    x = (np.arange(n) - n / 2 + 0.5) * spacing
    return projected_grid("antarctic", Plane.of(code), x, x, np.hypot(x[None], x[:, None]) > 1.5e6)


def globe(days=4, hours=6, south=-90.0, north=90.0, east=8.0, northward=3.0):
    lat, lon = np.arange(north, south - 0.1, -2.5), np.arange(0.0, 360.0, 2.5)
    count = days * 24 // hours
    shape, dims = (count, lat.size, lon.size), ("time", "latitude", "longitude")
    values = {"t2m": 270.0 - 0.3 * np.abs(lat)[None, :, None] + np.zeros(shape), "q2m": np.full(shape, 0.001)}
    values |= {"u10": np.full(shape, east), "v10": np.full(shape, northward)}
    units = {"t2m": "K", "q2m": "kg kg**-1", "u10": "m s**-1", "v10": "m s**-1"}
    time = ("time", np.arange(count) * hours, {"units": "hours since 2001-01-01", "calendar": "standard"})
    data = {name: (dims, values[name], {"units": units[name]}) for name in AIR}
    return xr.Dataset(data, {"latitude": lat, "longitude": lon, "time": time})


def written(dataset, path):
    dataset.to_netcdf(path)
    return path


@pytest.mark.parametrize("code", ["EPSG:3976", "EPSG:6932"])
def test_winds_of_the_globe_turn_to_a_southern_grid(code, tmp_path):
    grid = antarctic(code)
    air = ForcingFile(written(globe(), tmp_path / "a.nc"), AIR, grid).at(0.0)
    east, north = to_grid(air["u10"], air["v10"], -projection_of(grid.projection).turn(grid.lat, grid.lon))
    far = np.abs(grid.lat) < 84  # nearer to the pole a field with one eastward wind everywhere has a seam
    np.testing.assert_allclose(east[far], 8.0, atol=0.05)
    np.testing.assert_allclose(north[far], 3.0, atol=0.15)
    np.testing.assert_allclose(air["t2m"], 270 - 0.3 * np.abs(grid.lat), atol=0.01)


def test_a_grid_without_a_projection_turns_winds_by_its_latitudes_and_longitudes(tmp_path):
    grid = antarctic()
    path = written(globe(), tmp_path / "a.nc")
    by_plane = ForcingFile(path, AIR, grid).at(0.0)
    by_place = ForcingFile(path, AIR, replace(grid, projection={})).at(0.0)
    far = (np.abs(grid.lat) < 80) & (np.abs(grid.lat) > 55)
    for name in ("u10", "v10"):
        np.testing.assert_allclose(by_place[name][far], by_plane[name][far], atol=0.1)
    mirrored = {part: getattr(grid, part)[:, ::-1] for part in ("lat", "lon", "area", "mask")}
    other = ForcingFile(path, AIR, replace(grid, projection={}, **mirrored)).at(0.0)
    np.testing.assert_allclose(other["u10"], -by_place["u10"][:, ::-1], atol=1e-6)
    np.testing.assert_allclose(other["v10"], by_place["v10"][:, ::-1], atol=0.1)


def test_a_file_of_the_south_covers_the_south_and_not_the_north(tmp_path):
    path = written(globe(south=-90.0, north=-30.0), tmp_path / "south.nc")
    assert ForcingFile(path, AIR, antarctic()).at(3.0)["t2m"].shape == (40, 40)
    with pytest.raises(InputError, match=r"latitudes -90 to -30; expected .* degrees north"):
        ForcingFile(path, AIR, arctic_domain(100).grid)
    with pytest.raises(InputError, match="latitudes -60 to 90"):
        ForcingFile(written(globe(south=-60.0), tmp_path / "north.nc"), AIR, antarctic())


def test_only_what_is_wanted_is_read_and_it_may_be_a_users(tmp_path):
    data = globe().drop_vars(["q2m", "v10", "u10"])
    data["lwdown"] = data["t2m"] * 0 + 200.0
    data["lwdown"].attrs["units"] = "W m-2"
    path, name = written(data, tmp_path / "a.nc"), "lwdown"
    known = dict(variables._known())
    try:
        register_variable(Variable(name, "surface_downwelling_longwave_flux", name, "W m-2", (0.0, 600.0), None, None))
        weather = open_weather(path, 0, ("t2m", name), toy_grid())
        found = weather.read(int(weather.hours[3]), (name, "t2m"))
        np.testing.assert_allclose(found[0], 200.0)
        assert (found[1] > 240).all()
    finally:
        variables._known().clear()
        variables._known().update(known)


@pytest.mark.filterwarnings("ignore::halocline.chain.forecast.weather_check.StrongWind")
@pytest.mark.parametrize(("strongest", "fits"), [(79.0, True), (81.0, False)])
def test_simulate_and_forecast_take_the_same_wind(strongest, fits, tmp_path):
    """One range for both: a file that one takes is not refused by the other."""
    domain = arctic_domain(100)
    data = globe(days=2, east=0.0, northward=0.0, south=30.0)
    data["u10"][:, 5:8] = strongest
    path = written(data, tmp_path / "a.nc")

    def simulated():
        FileForcing(path, domain, years=0)

    def forecast():
        weather = open_weather(path, 0, AIR, domain.grid)
        first, last = int(weather.hours[0]), int(weather.hours[-1])
        check_weather(weather, lambda name: None, AIR, domain.grid.mask, first, last, 6)

    for asked in (simulated, forecast):
        if fits:
            asked()
        else:
            with pytest.raises(InputError, match=r"'u10'.*values from 0 to 81; expected .* -80 to 80"):
                asked()


def test_all_that_is_wrong_with_a_forcing_file_is_in_one_error(tmp_path):
    data = globe(days=2)
    data["t2m"] -= 273.15
    data["q2m"] *= 1000
    data["v10"].attrs["units"] = "hPa"
    with pytest.raises(InputError, match="3 problems") as error:
        ForcingFile(written(data, tmp_path / "a.nc"), AIR, toy_grid())
    for words in ("'t2m'", "--unit t2m=degC", "'q2m'", "'v10'", "'hPa'"):
        assert words in str(error.value)
    data = globe(days=4, north=60.0).isel(time=[0, 1, 2, 9, 10])
    with pytest.raises(InputError, match="2 problems") as error:
        ForcingFile(written(data, tmp_path / "b.nc"), AIR, toy_grid())
    assert "gap of 42 h" in str(error.value)
    assert "latitudes" in str(error.value)


def test_all_that_is_wrong_with_states_is_in_one_error(tmp_path):
    grid = toy_grid()
    states = np.where(grid.mask, toy_sample(grid, 10), np.nan).astype(np.float32)[None]
    dataset = to_dataset(states, CHANNELS, grid, [0], {})
    dataset["sic"] *= 100
    dataset["sid"].attrs["units"] = "m"
    ice = np.argwhere(states[0, 1] > 0.5)[0]
    dataset["siu"].values[(0, *ice)] = np.nan
    with pytest.raises(InputError, match="3 problems") as error:
        open_states(written(dataset, tmp_path / "s.nc"))
    for number, words in enumerate(("unit of 'sid'", "--unit sic=%", "1 values on ocean cells that are NaN"), 1):
        assert f"\n{number}. " in str(error.value)
        assert words in str(error.value)


def test_one_opener_for_all(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        open_dataset(tmp_path / "none.nc", "forcing")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match=r"forcing .*folder: found a file that cannot be read"):
        open_dataset(tmp_path / "folder", "forcing")
    path = written(globe(days=1), tmp_path / "a.nc")
    assert open_dataset(path, times="raw")["time"].values.tolist() == [0, 6, 12, 18]
    assert open_dataset(path, times="cftime")["time"].values[0].calendar == "standard"
    assert np.issubdtype(open_dataset(path)["time"].dtype, np.datetime64)
