"""Reading a NEMO mesh_mask: the toy one with its traps, and the real one of DINO."""

import shutil

import netCDF4
import numpy as np
import pytest

from halocline.bridge.nemo.mesh import read_mesh
from halocline.data.files.pieces import piece_number
from halocline.runtime.errors import InputError
from tests.bridge.nemo.toy_nemo import field_data, write_mesh
from tests.ocean_toy import toy_ocean_grid


def test_the_traps_of_a_mesh(mesh):
    grid = toy_ocean_grid()
    np.testing.assert_array_equal(mesh.grid.wet, grid.wet)  # not mbathy
    np.testing.assert_array_equal(mesh.grid.lat, grid.lat)  # not y
    np.testing.assert_array_equal(mesh.grid.lon, grid.lon)
    np.testing.assert_allclose(mesh.grid.volume, grid.volume)  # no thickness on land


def test_a_mesh_without_a_time_dimension(mesh_path, mesh, tmp_path):
    with netCDF4.Dataset(mesh_path) as old, netCDF4.Dataset(tmp_path / "flat.nc", "w") as new:
        for name in ("x", "y", "nav_lev"):
            new.createDimension(name, len(old.dimensions[name]))
        for name, v in old.variables.items():
            dims = tuple(d for d in v.dimensions if d != "time_counter")
            if name != "time_counter":
                new.createVariable(name, v.dtype, dims)[:] = v[0] if len(dims) < v.ndim else v[:]
    assert read_mesh(tmp_path / "flat.nc").grid.fingerprint() == mesh.grid.fingerprint()


@pytest.mark.parametrize(
    ("name", "words"), [("tmask", "dry last level"), ("gphit", "latitude"), ("e3t_0", "thickness")]
)
def test_broken_meshes_are_refused(mesh_path, name, words):
    with netCDF4.Dataset(mesh_path, "a") as f:
        f[name][:] = {"tmask": 1, "gphit": 200.0, "e3t_0": 0.0}[name]
    with pytest.raises(InputError, match=words):
        read_mesh(mesh_path)


def test_what_is_no_mesh_is_refused(tmp_path, template_path):
    with pytest.raises(InputError, match="'tmask'"):
        read_mesh(template_path)
    with pytest.raises(InputError, match="no such file"):
        read_mesh(tmp_path / "absent.nc")
    broken = tmp_path / "broken.nc"
    broken.write_bytes(write_mesh(tmp_path / "m.nc").read_bytes()[:300])
    with pytest.raises(InputError, match="cannot be read"):
        read_mesh(broken)


def test_a_mesh_turned_upside_down_is_refused(mesh_path, tmp_path):
    upside = shutil.copy(mesh_path, tmp_path / "up.nc")
    with netCDF4.Dataset(upside, "a") as f:
        for name in ("tmask", "gdept_0", "e3t_0"):
            f[name][0] = f[name][0][::-1]
    with pytest.raises(InputError, match=r"last level|from the bottom"):
        read_mesh(upside)


def test_names_that_nemo_takes_for_pieces():
    assert piece_number("restart_0004.nc") == "0004"
    assert piece_number("restart_00012345_restart.nc") is None
    assert piece_number("restart.nc") is None


@pytest.mark.skipif(field_data("DINO_1deg_mesh_mask.nc") is None, reason="no field data")
def test_the_real_mesh_of_dino():
    mesh = read_mesh(field_data("DINO_1deg_mesh_mask.nc"))
    grid = mesh.grid
    assert grid.wet.shape == (36, 199, 62)
    assert grid.wet[0].sum() == 11890
    assert grid.wet.sum() == 416150
    assert not grid.wet[-1].any()
    assert grid.volume.sum() == pytest.approx(3.080e17, rel=1e-3)
    assert np.where(grid.wet[0], grid.area, 0).sum() == pytest.approx(8.00e13, rel=2e-3)
    assert grid.lat.min() == pytest.approx(-69.852, abs=1e-3)
    bottom = grid.thickness.sum(axis=0)[grid.wet[0]]
    assert bottom.min() == pytest.approx(2048, abs=5)
    assert bottom.max() == pytest.approx(4000, abs=5)
