"""Ensembles of ocean states for DART's POP interface: values and units, balance, round trip, what is refused."""

import json
import tracemalloc
from dataclasses import replace

import netCDF4
import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from halocline.bridge.exports.base import EXPORTS, Request
from halocline.bridge.pop.grid import around_cells
from halocline.bridge.pop.restart import GRAVITY
from halocline.bridge.sources.base import SOURCES
from halocline.cli.main import app
from halocline.data.files.ocean import ocean_states
from halocline.data.grids.levels import Vertical
from halocline.data.reading.choices import Choices
from halocline.data.reading.ocean.mesh import Mesh
from halocline.physics.potential_temperature import moved_to, pressure_at
from halocline.runtime.errors import ConfigError, InputError
from tests.bridge.exports.ice_start import states as ice_states
from tests.bridge.pop_start import export_pop, ocean, pop_cells


def held(path, *names):
    with netCDF4.Dataset(path) as f:
        f.set_auto_mask(False)
        return [np.asarray(f[n][:]) for n in names]


def pop_grid(grid=None):
    grid = grid or pop_cells()
    return around_cells(Mesh(grid, grid.columns.nominal_depth))


def test_a_restart_holds_the_state_in_the_units_of_pop(tmp_path):
    data, out = ocean(2), tmp_path / "ens"
    told = "\n".join(export_pop(data, out))
    wet = pop_cells().wet
    temp, salt, psurf = held(out / "pop_m004.nc", "TEMP_CUR", "SALT_CUR", "PSURF_CUR")
    np.testing.assert_array_equal(temp[wet], data["thetao"].values[1][wet])
    np.testing.assert_allclose(salt[wet], data["so"].values[1][wet] / 1000, rtol=1e-15)
    np.testing.assert_allclose(psurf[wet[0]] / 980.6, 100 * data["zos"].values[1][wet[0]], rtol=1e-14)
    for name, values in (("TEMP_CUR", temp), ("SALT_CUR", salt)):
        assert not values[~wet].any(), name
    for name in ("UVEL_CUR", "VVEL_CUR", "UBTROP_CUR"):
        assert not held(out / "pop_m004.nc", name)[0].any(), "at rest"
    with netCDF4.Dataset(out / "pop_m003.nc") as f:
        assert [int(f.getncattr(n)) for n in ("iyear", "imonth", "iday", "ihour", "iminute", "isecond")] == [
            *(2011, 3, 1, 6),
            *(0, 0),
        ]
        assert (f.halocline_member, f.halocline_model) == (3, "toy-model")
        assert f["SALT_CUR"].dimensions == ("k", "j", "i")
    for words in (
        "ens_size = 2",
        "restarts_in.txt",
        "'PSURF_CUR', 'QTY_SEA_SURFACE_PRESSURE ', 'UPDATE'",
        "big_endian",
    ):
        assert words in told
    manifest = json.loads((out / "export.json").read_text())
    assert {*manifest["files"], "export.json"} == {p.name for p in out.iterdir()}
    assert (manifest["export"], manifest["halocline_seed"]) == ("dart", "7")


def test_lists_and_pointers_name_the_restarts(tmp_path):
    export_pop(ocean(3), tmp_path / "ens", (0, 2))
    for name in ("restarts_in.txt", "restarts_out.txt"):
        assert (tmp_path / "ens" / name).read_text().split() == ["pop_m003.nc", "pop_m005.nc"]
    assert (tmp_path / "ens" / "rpointer.ocn_0002.restart").read_text().splitlines()[0] == "pop_m005.nc"
    assert (tmp_path / "ens" / "pop.r.nc").resolve().name == "pop_m003.nc"


def test_the_grid_is_what_dart_reads_of_binary_files(tmp_path):
    """Corners in radians, north-east of their cells; KMT; a line a level; DART's own cells are the states'."""
    out, grid = tmp_path / "ens", pop_cells()
    export_pop(ocean(1), out)
    shape = grid.shape
    records = np.fromfile(out / "horiz_grid.bin", ">f8").reshape(7, *shape)
    lat, lon = np.degrees(records[:2])
    np.testing.assert_allclose(lat[:-1], 0.5 * (grid.lat[:-1] + grid.lat[1:]), atol=1e-12)
    np.testing.assert_allclose(lon[:, :-1], 0.5 * (grid.lon[:, :-1] + grid.lon[:, 1:]), atol=1e-12)
    assert (records[1, 0] == records[1, -1]).all(), "to the bit: by this DART knows a grid of longitudes"
    north, east = records[2][5, 5], records[3][5, 5]
    step_x, step_y = np.radians(grid.lon[0, 1] - grid.lon[0, 0]), np.radians(grid.lat[1, 0] - grid.lat[0, 0])
    assert north == pytest.approx(6.371e8 * step_x * np.cos(records[0][5, 5]), rel=1e-3), "HTN, cm"
    assert east == pytest.approx(6.371e8 * step_y, rel=1e-9), "HTE, cm"
    kmt = np.fromfile(out / "topography.bin", ">i4").reshape(shape)
    np.testing.assert_array_equal(kmt, grid.wet.sum(axis=0))
    levels = np.loadtxt(out / "vert_grid.txt")
    np.testing.assert_allclose(levels[:, 0], 100 * grid.columns.thickness)
    np.testing.assert_allclose(levels[:, 1], grid.columns.depth)
    np.testing.assert_allclose(levels[:, 2], np.cumsum(grid.columns.thickness))
    made = pop_grid()
    placed = np.stack(made.placed)[:, grid.mask]
    np.testing.assert_allclose(placed[1], grid.lon[grid.mask], atol=1e-6)
    np.testing.assert_allclose(placed[0], grid.lat[grid.mask], atol=0.1)


def test_balanced_velocities_are_those_of_the_surface_and_of_density(tmp_path):
    """At corners, in cm/s: g / f of the height's slope where density is level; depth means are UBTROP."""
    data = ocean(1)
    grid = pop_cells()
    data["thetao"].values[:] = np.where(grid.wet, 10.0 - 1e-3 * grid.depth, np.nan)
    data["so"].values[:] = np.where(grid.wet, 35.0, np.nan)
    data["zos"].values[:] = np.where(grid.mask, 0.01 * grid.lon, np.nan)
    told = "\n".join(export_pop(data, tmp_path / "ens", velocities="balanced"))
    assert "geostrophic, by the sea-surface height; no wind" in told
    u, v, mean = held(tmp_path / "ens" / "pop_m003.nc", "UVEL_CUR", "VVEL_CUR", "VBTROP_CUR")
    made = pop_grid()
    j, i = 9, 6
    assert made.corners[0, j, i]
    f = 2 * 7.292115e-5 * np.sin(np.radians(grid.lat[j : j + 2, i]))
    slope = 0.01 / (6.371e6 * np.radians(1.0) * np.cos(np.radians(grid.lat[j : j + 2, i])))
    assert v[0, j, i] == pytest.approx(100 * 9.81 * (slope / f).mean(), rel=1e-3)
    assert np.abs(u).max() < 1e-8
    assert mean[j, i] == pytest.approx(v[:, j, i][made.corners[:, j, i]].mean(), rel=1e-9)
    assert not v[~made.corners].any()
    gradient = held(tmp_path / "ens" / "pop_m003.nc", "GRADPX_CUR")[0]
    assert gradient[j, i] == pytest.approx(GRAVITY * slope.mean(), rel=1e-3), "dyne cm-3 over 1 g cm-3"


def test_wind_and_level_of_no_motion_are_options(tmp_path):
    told = "\n".join(export_pop(ocean(1), tmp_path / "a", velocities="balanced", no_motion=500.0, wind="dino"))
    assert "no motion at 500 m; moved by DINO's wind" in told
    calm = held(tmp_path / "a" / "pop_m003.nc", "UVEL_CUR")[0]
    export_pop(ocean(1), tmp_path / "b", velocities="balanced", no_motion=500.0)
    still = held(tmp_path / "b" / "pop_m003.nc", "UVEL_CUR")[0]
    assert np.abs(calm[0] - still[0]).max() > 1.0, "cm/s at the surface"
    np.testing.assert_array_equal(calm[2:], still[2:])


def test_a_stream_function_on_the_corners_sets_the_depth_means(tmp_path):
    grid, made = pop_cells(), pop_grid()
    psi = 1e7 * np.sin(np.radians(3 * made.ulat))
    xr.Dataset({"psi": (("y", "x"), psi)}).to_netcdf(tmp_path / "psi.nc")
    told = "\n".join(export_pop(ocean(1), tmp_path / "ens", velocities="balanced", stream_function=tmp_path / "psi.nc"))
    assert "depth means of psi.nc" in told
    u, v = held(tmp_path / "ens" / "pop_m003.nc", "UBTROP_CUR", "VBTROP_CUR")
    j, i = 9, 6
    deep = grid.columns.thickness[: made.kmu[j, i]].sum()
    slope = (psi[j + 1, i] - psi[j - 1, i]) / (6.371e6 * np.radians(made.ulat[j + 1, i] - made.ulat[j - 1, i]))
    assert u[j, i] == pytest.approx(-100 * slope / deep, rel=1e-3)
    assert abs(v[j, i]) < 1e-6 * abs(u[j, i])


@pytest.mark.parametrize("turn", [0.0, 3.0])
def test_an_export_and_its_import_are_the_state(tmp_path, turn):
    """To rounding; on a curved grid too, whose cells DART and the import place in the middle of their corners."""
    grid = pop_cells(turn=turn)
    data = ocean(2, grid)
    export_pop(data, tmp_path / "ens")
    for k in (0, 1):
        source = SOURCES["pop"]
        (part,) = source.parts([tmp_path / "ens" / f"pop_m00{3 + k}.nc", tmp_path / "ens" / "pop_grid.nc"])
        back = ocean_states(source.tidy(source.open(part).load()))
        wet, cells = grid.wet, back.layout.grid
        np.testing.assert_array_equal(cells.wet, wet)
        thetao, so, zos = back.layout.select(back.states[0], "thetao", "so", "zos")
        np.testing.assert_array_equal(thetao[wet], data["thetao"].values[k][wet])
        np.testing.assert_allclose(so[wet], data["so"].values[k][wet], rtol=1e-14)
        np.testing.assert_allclose(zos[wet[0]], data["zos"].values[k][wet[0]], rtol=1e-14)
        np.testing.assert_allclose(cells.lat, grid.lat, atol=1e-12)
        np.testing.assert_allclose(cells.thickness[wet], grid.thickness[wet], rtol=1e-9)
        assert str(back.dataset["time"].values[0]) == "2011-03-01 06:00:00"


def test_an_import_needs_the_grid_and_says_so(tmp_path):
    export_pop(ocean(1), tmp_path / "ens")
    (part,) = SOURCES["pop"].parts([tmp_path / "ens" / "pop_m003.nc"])
    with pytest.raises(InputError, match=r"pop_grid\.nc"):
        SOURCES["pop"].open(part)


def test_the_template_is_pops_own_grid(tmp_path):
    """A history file in centimetres: corners are its own; states without positions take its; others are refused."""
    grid, made = pop_cells(), pop_grid()
    shift = 0.3
    history = xr.Dataset(
        {
            "TLAT": (("nlat", "nlon"), grid.lat, {"units": "degrees_north"}),
            "TLONG": (("nlat", "nlon"), grid.lon % 360, {"units": "degrees_east"}),
            "ULAT": (("nlat", "nlon"), made.ulat + shift, {"units": "degrees_north"}),
            "ULONG": (("nlat", "nlon"), made.ulon, {"units": "degrees_east"}),
            "KMT": (("nlat", "nlon"), made.kmt.astype(float)),
            "dz": (("z_t",), 100 * grid.columns.thickness, {"units": "centimeters"}),
        },
        coords={"z_t": (("z_t",), 100 * grid.columns.depth, {"units": "centimeters"})},
    )
    history.to_netcdf(tmp_path / "history.nc")
    data = ocean(1).drop_vars(["lat", "lon", "e3t"])
    export_pop(data, tmp_path / "ens", template=tmp_path / "history.nc")
    lat = np.degrees(np.fromfile(tmp_path / "ens" / "horiz_grid.bin", ">f8").reshape(7, *grid.shape)[0])
    np.testing.assert_allclose(lat, made.ulat + shift, atol=1e-12)
    other = ocean(1)
    other["lat"] = other["lat"] + 1.0
    with pytest.raises(InputError, match=r"111 km away"):
        export_pop(other, tmp_path / "b", template=tmp_path / "history.nc")
    history.drop_vars("KMT").to_netcdf(tmp_path / "no.nc")
    with pytest.raises(InputError, match="kmt"):
        export_pop(ocean(1), tmp_path / "b", template=tmp_path / "no.nc")
    assert not (tmp_path / "b").exists()


def test_a_grid_around_the_globe_meets_itself(tmp_path):
    """No land between the last and the first column, which begins at 180: DART places all cells where they are."""
    grid = pop_cells(ny=12, nx=18)
    lon = np.broadcast_to(-170.0 + 20.0 * np.arange(18), grid.shape)
    wet = grid.wet | grid.wet[:, :, 5:6]
    around = replace(
        grid,
        lon=lon.copy(),
        mask=wet[0],
        vertical=Vertical(grid.columns.depth, grid.columns.thickness, wet),
    )
    made = pop_grid(around)
    assert made.periodic
    assert made.corners[0, 5, -1]
    assert made.misplaced.max() < 0.15, "the middle on the sphere of a cell of 20 degrees"
    export_pop(ocean(1, around), tmp_path / "ens", velocities="balanced")
    assert held(tmp_path / "ens" / "pop_m003.nc", "UVEL_CUR")[0][0, 8, -1] != 0
    greenwich = replace(around, lon=lon + 180.0 - 360.0 * (lon >= 0))
    with pytest.raises(InputError, match=r"positions of grid .* cells elsewhere.*Greenwich"):
        export_pop(ocean(1, greenwich), tmp_path / "b")


def test_water_of_teos_10_is_converted_if_asked(tmp_path):
    """gsw as the oracle: POP's potential temperature gives the in-situ temperature that DART observes."""
    gsw = pytest.importorskip("gsw")
    data, grid = ocean(1), pop_cells()
    p = gsw.p_from_z(-grid.depth, grid.lat)
    theta, psu = data["thetao"].values[0], data["so"].values[0]
    absolute = gsw.SA_from_SP(psu, p, grid.lon, grid.lat)
    data["so"] = (data["so"].dims, absolute[None], {"units": "g kg-1", "standard_name": "sea_water_absolute_salinity"})
    conservative = gsw.CT_from_pt(absolute, theta)[None]
    attrs = {"units": "degC", "standard_name": "sea_water_conservative_temperature"}
    data["thetao"] = (data["thetao"].dims, conservative, attrs)
    with pytest.raises(InputError, match="TEOS-10"):
        export_pop(data, tmp_path / "ens")
    request = Request(data, tmp_path / "ens", None, Choices(teos10="convert"))
    EXPORTS["dart"](date="2011-03-01").write(request)
    temp, salt = held(tmp_path / "ens" / "pop_m003.nc", "TEMP_CUR", "SALT_CUR")
    wet = grid.wet
    np.testing.assert_allclose(temp[wet], theta[wet], atol=1e-6)
    np.testing.assert_allclose(1000 * salt[wet], psu[wet], atol=1e-9)
    there = moved_to(1000 * salt, temp, np.zeros(wet.shape), pressure_at(grid.depth, grid.lat))
    np.testing.assert_allclose(there[wet], gsw.t_from_CT(absolute, conservative[0], p)[wet], atol=0.01)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    data = ocean(1).isel(x=slice(1, None), y=slice(None, -1))
    with pytest.raises(InputError) as caught:
        export_pop(data, tmp_path / "ens.nc", velocities="nearest", categories=3, date="March")
    for words in ("--categories", "output", "velocities", "northern row", "positions", "date"):
        assert words in str(caught.value), words
    kelvin = ocean(1)
    kelvin["thetao"] = kelvin["thetao"] + 273.15
    with pytest.raises(InputError, match="thetao"):
        export_pop(kelvin, tmp_path / "ens")
    with pytest.raises(InputError, match="zos"):
        export_pop(ocean(1).drop_vars("zos"), tmp_path / "ens")
    with pytest.raises(InputError, match=r"wind.*none or dino or a file"):
        export_pop(ocean(1), tmp_path / "ens", velocities="balanced", wind="template")
    with pytest.raises(ConfigError, match="1601"):
        export_pop(ocean(1), tmp_path / "ens", date=None)
    later = ocean(2)
    later["thetao"].values[1, 0, 5, 5] = later["so"].values[1, 0, 5, 5] = np.nan
    with pytest.raises(InputError):
        export_pop(later, tmp_path / "ens")
    assert list(tmp_path.iterdir()) == []


def test_what_the_states_hold_tells_the_model(tmp_path):
    both = ocean(1).isel(member=0, drop=True)
    both = both.assign(sic=(("y", "x"), np.zeros(pop_cells().shape), {"units": "1"}))
    with pytest.raises(InputError, match="--model cice or --model pop"):
        export_pop(both, tmp_path / "ens")
    export_pop(both, tmp_path / "ens", model="pop")
    with pytest.raises(ConfigError, match="template"):
        export_pop(ice_states(1), tmp_path / "ice")
    with pytest.raises(ConfigError, match=r"--velocities.*states for pop"):
        export_pop(ice_states(1), tmp_path / "ice", template=tmp_path / "grid.nc", velocities="balanced")


def test_the_command_writes_and_tells(tmp_path):
    ocean(1).to_netcdf(tmp_path / "states.nc")
    words = ["export", "dart", str(tmp_path / "states.nc"), "--out", str(tmp_path / "ens"), "--date", "2011-03-01"]
    done = CliRunner().invoke(app, [*words, "--velocities", "balanced", "--equator-rule", "zero"])
    assert done.exit_code == 0, done.output
    assert "&model_nml   ! of models/POP" in done.output


def test_members_are_read_and_written_one_by_one(tmp_path):
    """Memory in use at most while six members are written is hardly more than for two."""
    peaks = []
    for count in (2, 6):
        ocean(count, pop_cells(levels=5, ny=40, nx=40)).to_netcdf(tmp_path / f"{count}.nc")
        tracemalloc.start()
        export_pop(tmp_path / f"{count}.nc", tmp_path / f"ens{count}", velocities="balanced")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0], peaks
