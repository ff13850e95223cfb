"""Weather as users have it: each cell of the table in docs/howto/data/forcing.md, and right values if it is read."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from halocline.chain.forecast.weather import FileWeather
from halocline.data.fields.calendar import hour_of
from halocline.data.files.forcing import ForcingFile
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import arctic_domain
from halocline.worlds.arctic.forcing_file import FileForcing
from tests.bridge.nemo.toy_nemo import field_data
from tests.data.weather.weather_files import GRID, SOURCES, WIND, t2m
from tests.data.weather.weather_traps import TRAPS

PAGE = Path(__file__).parents[3] / "docs/howto/data/forcing.md"
AIR = ("t2m", "q2m", "u10", "v10")
TOLD = {"converted": ("converted", "filled", "dropped"), "assumed": ("assumed", "warning")}


def table():
    """Return the page's cells by (trap, source)."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    head = rows[0]
    return {(row[0], source): cell for row in rows[1:] for source, cell in zip(head, row[1:], strict=True)}


CELLS = table()


def opened(dataset, path):
    path.unlink(missing_ok=True)
    dataset.to_netcdf(path)
    return ForcingFile(path, AIR, GRID, calendar="noleap")


@cache
def plain_lines(source, folder):
    return frozenset(opened(SOURCES[source](), folder / "plain.nc").notes.lines())


def holds_the_weather(file):
    """Assert that the wind is that of every cell, and the temperature that of the place and the hour."""
    air = file.at(hour_of("2003-01-02 06:00") + 2.0)
    for name, right in zip(("u10", "v10"), WIND, strict=True):
        np.testing.assert_allclose(air[name][GRID.mask], right, atol=1e-3)
    seen = GRID.mask & (GRID.lat < 85)  # nearer to the pole a table of latitudes may have no row
    np.testing.assert_allclose(air["t2m"][seen], t2m(GRID.lat, [32])[0][seen], atol=0.02)
    assert (air["q2m"] >= 0).all()


def test_the_page_has_every_trap_and_every_source():
    assert set(CELLS) == {(trap, source) for trap in TRAPS for source in SOURCES}


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_as_it_comes(source, tmp_path):
    holds_the_weather(opened(SOURCES[source](), tmp_path / "a.nc"))


@pytest.mark.parametrize(("trap", "source"), CELLS)
def test_a_trap(trap, source, tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    changed, cell = TRAPS[trap](SOURCES[source]()), CELLS[trap, source]
    if changed is None:
        assert cell == "–"
        return
    if cell == "refused":
        with pytest.raises(InputError):
            opened(changed, folder / "trap.nc")
        return
    file = opened(changed, folder / "trap.nc")
    holds_the_weather(file)
    new = {line.split()[0] for line in set(file.notes.lines()) - plain_lines(source, folder)} - {"found"}
    assert bool(new) == (cell != "read"), new
    if new:
        assert new & set(TOLD[cell]), new


@pytest.mark.parametrize(
    ("trap", "words"),
    [
        ("a gap", "a gap of 36 h after 2003-01-01 18:00"),
        ("a time twice", "2003-01-01 12:00:00 2 times"),
        ("times out of order", "do not increase after 2003-01-01 18:00"),
        ("wind in hPa", "unit of 'u10'.*'hPa'"),
        ("°C without a unit", "--unit t2m=degC"),
        ("an ensemble", "dimension 'member'.*2 of them"),
        ("a region that does not", "longitudes 0 to 175"),
        ("a missing value on the ocean", "'u10'.*1 cells that are NaN"),
        ("a variable is missing", "variable 'u10'"),
    ],
)
def test_what_a_refusal_says(trap, words, tmp_path):
    with pytest.raises(InputError, match=words):
        opened(TRAPS[trap](SOURCES["ERA5, old"]()), tmp_path / "a.nc")


def test_another_grid_is_refused_by_its_distance(tmp_path):
    with pytest.raises(InputError, match=r"cells up to 4\.62e\+03 km away"):
        opened(TRAPS["another grid of the same shape"](SOURCES["own grid"]()), tmp_path / "a.nc")


@pytest.mark.parametrize("source", SOURCES)
def test_simulate_and_forecast_read_the_same(source, tmp_path):
    path, hour = tmp_path / "a.nc", hour_of("2003-01-02 06:00")
    opened(SOURCES[source](), path)
    told = FileWeather(path, AIR, GRID).read(hour, AIR)
    simulated = FileForcing(path, arctic_domain(100), years=0)
    air = simulated.at((hour - simulated.origin) // 6)
    for name, field in zip(AIR, told, strict=True):
        np.testing.assert_array_equal(getattr(air, name).astype(np.float32), field)


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("F02_expver_dim", WIND),
        ("F08_knots", WIND),
        ("F09_kmh", WIND),
        ("F13_october", WIND),
        ("F31_gaussian", WIND),
        ("F32_negq", WIND),
        ("F12_other_grid", None),
    ],
)
def test_files_of_users(name, right):
    """Real conventions, outside the repository; all hold the same wind."""
    path = field_data(f"users-files/{name}.nc")
    if path is None:
        pytest.skip("no files of users here")
    if right is None:
        with pytest.raises(InputError, match="km away"):
            ForcingFile(path, AIR, GRID)
        return
    file = ForcingFile(path, AIR, GRID)
    air = file.at(float(file.hours[20]) + 1.0)
    for component, value in zip(("u10", "v10"), right, strict=True):
        np.testing.assert_allclose(air[component][GRID.mask], value, atol=1e-4)
    assert (air["q2m"] >= 0).all()


def test_a_users_file_with_its_rows_from_the_top():
    """Its wind is 20 m/s in some rows, which the file's own positions tell."""
    path = field_data("users-files/F12b_flipped_rows.nc")
    if path is None:
        pytest.skip("no files of users here")
    with xr.open_dataset(path, decode_times=False) as data:
        rows = np.argwhere(data["u10"].values[0] > 10)
        there = {(round(float(data.latitude[j, i]), 3), round(float(data.longitude[j, i]) % 360, 3)) for j, i in rows}
    file = ForcingFile(path, AIR, GRID)
    ours = np.argwhere(file.at(float(file.hours[0]))["u10"] > 10)
    assert {(round(GRID.lat[j, i], 3), round(GRID.lon[j, i] % 360, 3)) for j, i in ours} == there
