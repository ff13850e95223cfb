"""The wind of a restart in balance: the template's, DINO's, a file's; whose it is, is told."""

import netCDF4
import numpy as np
import pytest

from halocline.bridge.nemo.dates import Calendar
from halocline.bridge.nemo.restart import write_restart
from halocline.bridge.nemo.template import read_template
from halocline.bridge.nemo.velocities import Velocities
from halocline.bridge.nemo.wind import stress_of
from halocline.data.files.ocean import ocean_states
from halocline.physics.eos import DINO_EOS
from halocline.physics.flow.ekman import DEPTH, FRICTION
from halocline.physics.flow.equator import ROTATION
from halocline.runtime.errors import ConfigError, InputError
from tests.bridge.nemo.toy_nemo import write_mesh, write_template
from tests.ocean_toy import toy_ocean_dataset, toy_ocean_grid


def with_wind(path, x=0.1, y=-0.05, names=("utau", "vtau")):
    grid = toy_ocean_grid()
    with netCDF4.Dataset(str(path), "a" if path.exists() else "w") as f:
        if "y" not in f.dimensions:
            f.createDimension("y", grid.shape[0])
            f.createDimension("x", grid.shape[1])
        for name, value in zip(names, (x, y), strict=True):
            if name not in f.variables:
                f.createVariable(name, "f8", ("y", "x"))
            f[name][:] = np.where(grid.wet[0], value, 1e20)
    return path


def still_sea(**parameters):
    """A flat sea without gradients: in balance it is at rest, but for the wind."""
    dataset, grid = toy_ocean_dataset(), toy_ocean_grid()
    for name, base in (("thetao", 10.0), ("so", 35.0)):
        dataset[name].values[:] = np.where(grid.wet, base - 1e-3 * grid.depth, np.nan)
    dataset["zos"].values[:] = np.where(grid.wet[0], 0.0, np.nan)
    return ocean_states(dataset.assign_coords(parameters))


def moved_by(tmp_path, wind, template, ocean=None):
    out = tmp_path / "out.nc"
    out.unlink(missing_ok=True)
    ocean = still_sea() if ocean is None else ocean
    write_restart(ocean, template, out, calendar=Calendar(2700.0), velocities=Velocities("balanced", wind=wind))
    with netCDF4.Dataset(out) as f:
        return np.asarray(f["un"][0]), np.asarray(f["vn"][0]), " ".join(ocean.notes.lines())


@pytest.fixture
def mesh_path(tmp_path):
    path = write_mesh(tmp_path / "mesh_mask.nc")
    wet = toy_ocean_grid().wet
    with netCDF4.Dataset(path, "a") as f:
        for name, axis in (("umask", 2), ("vmask", 1)):
            faces = wet & np.roll(wet, -1, axis)
            faces[(..., -1) if axis == 2 else (slice(None), -1)] = False
            f[name][0] = faces.astype(np.int8)
    return path


def test_a_file_moves_the_upper_layer_and_nothing_below(tmp_path, mesh_path):
    u, v, told = moved_by(tmp_path, str(with_wind(tmp_path / "wind.nc")), mesh_path)
    thick = toy_ocean_grid().thickness.max(axis=(1, 2))
    f, r = 2 * ROTATION * np.sin(np.radians(48.0)), FRICTION / DEPTH  # of the northern faces of row 4
    column = v[:, 4, 1:]
    assert (column[0] < 0).all()  # an eastward wind: to the right, southward in the north
    transport = (column * thick[:, None]).sum(axis=0)
    np.testing.assert_allclose(transport, (-0.05 * r - 0.1 * f) / (DINO_EOS.rho0 * (f**2 + r**2)), rtol=1e-6)
    assert not v[3:].any()
    assert (v[0, 1, 1:] > 0).all()  # and northward in the south
    assert "moved by the wind of wind.nc, over 32.5 m" in told
    assert np.abs(u).max() < 0.2


def test_dinos_wind_is_that_of_the_state(tmp_path, mesh_path):
    own, twice = (stress_of("dino", read_template(mesh_path), at)[0][0] for at in (None, 0.4))
    south = toy_ocean_grid().lat[:, 0] < -20
    south &= toy_ocean_grid().wet[0].any(axis=1)
    assert (np.abs(twice[south, 1:]) > np.abs(own[south, 1:])).all()
    north = toy_ocean_grid().lat[:, 0] > 0
    np.testing.assert_array_equal(own[north], twice[north])
    weak = still_sea(wind_stress=("member", [0.1, 0.2, 0.3]))
    _, v, told = moved_by(tmp_path, "dino", mesh_path, weak)
    assert "DINO's wind, 0.1 N/m2 at 45S" in told
    _, usual, told = moved_by(tmp_path, "dino", mesh_path)
    assert "DINO's wind, 0.2 N/m2 at 45S" in told
    assert np.abs(v[0, 1, 1:]).max() < np.abs(usual[0, 1, 1:]).max()


def test_a_template_lends_its_wind_unless_told_otherwise(tmp_path, mesh_path):
    restart = write_template(tmp_path / "restart.nc")
    with netCDF4.Dataset(restart, "a") as f:
        f.createVariable("vtau_b", "f8", ("time_counter", "y", "x"))[0] = np.zeros(toy_ocean_grid().shape)
        f.createVariable("nav_lon", "f4", ("y", "x"))[:] = toy_ocean_grid().lon
    template = read_template(restart)
    stress, told = stress_of(None, template)
    assert stress is not None
    assert stress[0].max() == 0.5
    assert told == "the wind of restart.nc"
    assert stress_of("template", template)[1] == told
    assert stress_of("none", template) == (None, "no wind")
    assert stress_of(None, read_template(mesh_path)) == (None, "no wind")
    assert stress_of(None, read_template(write_template(tmp_path / "half.nc"))) == (None, "no wind")  # no vtau_b


def test_what_is_no_wind_is_refused(tmp_path, mesh_path):
    template = read_template(mesh_path)
    with pytest.raises(ConfigError, match=r"a mesh as the template.*--wind dino"):
        stress_of("template", template)
    with pytest.raises(InputError, match="wind stress"):
        stress_of(str(tmp_path / "absent.nc"), template)
    fast = with_wind(tmp_path / "speed.nc", x=12.0)
    with pytest.raises(InputError, match=r"'utau'.*up to 12.*not the wind's speed"):
        stress_of(str(fast), template)
    only_x = tmp_path / "x.nc"
    with netCDF4.Dataset(only_x, "w") as f:
        f.createDimension("y", 6)
        f.createDimension("x", 5)
        f.createVariable("utau", "f8", ("y", "x"))[:] = 0.0
    with pytest.raises(InputError, match="vtau_b"):
        stress_of(str(only_x), template)
    other = tmp_path / "other.nc"
    with netCDF4.Dataset(other, "w") as f:
        f.createDimension("y", 3)
        for name in ("utau", "vtau"):
            f.createVariable(name, "f8", ("y",))[:] = 0.0
    with pytest.raises(InputError, match=r"\(3,\).*\(6, 5\)"):
        stress_of(str(other), template)
