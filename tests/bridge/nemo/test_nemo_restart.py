"""Writing restarts: from a mesh, from a restart, and what is refused."""

import subprocess
import sys

import netCDF4
import numpy as np
import pytest
import xarray as xr

from halocline.bridge.nemo.check import broken_rules
from halocline.bridge.nemo.dates import Calendar
from halocline.bridge.nemo.mesh import read_mesh
from halocline.bridge.nemo.restart import write_restart
from halocline.data.files.ocean import ocean_states
from halocline.runtime.errors import HaloclineError
from tests.bridge.nemo.toy_nemo import field_data, write_mesh, write_template
from tests.ocean_toy import toy_ocean_dataset, toy_ocean_grid


def values(path, name):
    with netCDF4.Dataset(path) as f:
        f.set_auto_mask(False)
        return np.asarray(f[name][:])


def test_a_restart_from_a_mesh_holds_the_state(restart, ocean, mesh):
    assert broken_rules(restart, mesh) == []
    thetao, so, zos = ocean.layout.select(ocean.states, "thetao", "so", "zos")
    for name, expected in (("tn", thetao[0]), ("sb", so[0]), ("sshn", zos[0])):
        np.testing.assert_array_equal(values(restart, name)[0], np.nan_to_num(expected))
    assert not values(restart, "un").any()
    with netCDF4.Dataset(restart) as f:
        assert f.dimensions["time_counter"].isunlimited()
        assert f["tn"].dimensions == ("time_counter", "nav_lev", "y", "x")
        assert all(f[n].dtype == np.float64 for n in ("tn", "sshb", "kt", "rdt"))
        assert float(f["rdt"][0]) == 2700


def test_a_restart_from_a_restart_keeps_what_is_not_state(tmp_path, template_path, ocean, mesh):
    out = tmp_path / "restart_start.nc"
    write_restart(ocean, template_path, out, member=2)
    assert broken_rules(out, mesh) == []
    np.testing.assert_array_equal(
        values(out, "tn")[0], np.nan_to_num(ocean.layout.select(ocean.states, "thetao")[0][2])
    )
    for name in ("ub", "vn", "ub2_b", "un_bf"):
        assert not values(out, name).any()
    for name in ("kt", "ndastp", "rdt", "en", "dissl", "utau_b"):
        np.testing.assert_array_equal(values(out, name), values(template_path, name))
    np.testing.assert_array_equal(values(out, "sst_m"), values(out, "tn")[:, 0])
    np.testing.assert_array_equal(values(out, "ssh_m"), values(out, "sshn"))
    with netCDF4.Dataset(out) as f:
        assert "rhop" not in f.variables


def test_states_without_the_dry_level_fit_too(tmp_path, mesh_path, mesh):
    ocean = ocean_states(toy_ocean_dataset().isel(depth=slice(0, 7)))
    out = tmp_path / "restart_start.nc"
    write_restart(ocean, mesh_path, out, calendar=Calendar(2700.0))
    assert broken_rules(out, mesh) == []
    assert not values(out, "tn")[0, 7].any()


def test_a_template_without_velocities_gets_them(tmp_path, ocean):
    whole = write_template(tmp_path / "whole.nc")
    with netCDF4.Dataset(whole) as old, netCDF4.Dataset(tmp_path / "poor.nc", "w") as new:
        for name, d in old.dimensions.items():
            new.createDimension(name, None if d.isunlimited() else len(d))
        for name, v in old.variables.items():
            if name not in ("un", "vn", "sshn", "ub", "vb"):
                new.createVariable(name, v.dtype, v.dimensions)[:] = v[:]
    write_restart(ocean, tmp_path / "poor.nc", tmp_path / "out.nc")
    assert broken_rules(tmp_path / "out.nc") == []
    np.testing.assert_array_equal(values(tmp_path / "out.nc", "sshn"), values(tmp_path / "out.nc", "sshb"))


def other_states(**options):
    return ocean_states(toy_ocean_dataset(toy_ocean_grid(**options)))


def moved_mask():
    dataset = toy_ocean_dataset()
    dataset["thetao"].values[:, :, 2, 2] = np.nan
    return ocean_states(dataset)


def moved_latitude():
    return ocean_states(toy_ocean_dataset().assign_coords(lat=(("y", "x"), toy_ocean_grid().lat / 2)))


@pytest.mark.parametrize("kind", ["mesh", "restart"])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: other_states(nx=6), r"states of \(8, 6, 6\)"),
        (lambda: other_states(uniform=True), "levels that differ"),
        (moved_mask, "wet cells that differ"),
        (moved_latitude, "latitudes that differ"),
        (lambda: ocean_states(toy_ocean_dataset().drop_vars("zos")), "sshn is mandatory"),
    ],
)
def test_states_of_another_mesh_are_refused(tmp_path, make, words, kind):
    template = (write_mesh if kind == "mesh" else write_template)(tmp_path / "template.nc")
    with pytest.raises(HaloclineError, match=words):
        write_restart(make(), template, tmp_path / "out.nc", calendar=Calendar(2700.0))
    assert [p.name for p in tmp_path.iterdir()] == ["template.nc"]


def test_bad_templates_and_outputs_are_refused(tmp_path, ocean, mesh_path, template_path):
    fixed = write_template(tmp_path / "fixed.nc", unlimited=False)
    piece = write_template(tmp_path / "piece.nc")
    with netCDF4.Dataset(piece, "a") as f:
        f.DOMAIN_number_total = np.int32(4)
    existing = tmp_path / "mine.nc"
    existing.write_text("precious")
    for template, out, words, options in (
        (fixed, "a.nc", "fixed dimension of length 1", {}),
        (piece, "a.nc", "REBUILD_NEMO", {}),
        (template_path, "restart_0004.nc", "digits", {}),
        (template_path, "restart.zarr", "ends in .nc", {}),
        (template_path, "mine.nc", "exists already", {}),
        (template_path, "a.nc", "0 to 2", {"member": 3}),
        (mesh_path, "a.nc", "--time-step", {}),
        (tmp_path / "absent.nc", "a.nc", "no such file", {}),
    ):
        with pytest.raises(HaloclineError, match=words) as caught:
            write_restart(ocean, template, tmp_path / out, **options)
        assert caught.value.remedy
    assert existing.read_text() == "precious"
    assert not (tmp_path / "a.nc").exists()


def test_a_template_that_breaks_a_rule_leaves_no_file(tmp_path, ocean, template_path):
    with netCDF4.Dataset(template_path, "a") as f:
        f["utau_b"][:] = np.nan
        f["rdt"][:] = 0.0
    with pytest.raises(HaloclineError, match=r"NaN or infinite values: 30 in utau_b.*Also broken: time step"):
        write_restart(ocean, template_path, tmp_path / "out.nc")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["template.nc"]


def run(*arguments):
    command = [sys.executable, "-m", "halocline", "export", "nemo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_the_command(tmp_path, mesh_path, mesh):
    toy_ocean_dataset().to_netcdf(tmp_path / "states.nc")
    arguments = (tmp_path / "states.nc", "--template", mesh_path, "--out", tmp_path / "restart_start.nc", "--member", 1)
    done = run(*arguments)
    assert done.returncode == 2
    assert "--time-step" in done.stderr
    done = run(*arguments, "--time-step", 2700)
    assert done.returncode == 0, done.stderr
    assert "ln_1st_euler" in done.stdout
    assert broken_rules(tmp_path / "restart_start.nc", mesh) == []


@pytest.mark.skipif(field_data("DINO_1deg_mesh_mask.nc") is None, reason="no field data")
def test_a_restart_on_the_real_mesh_of_dino(tmp_path):
    path = field_data("DINO_1deg_mesh_mask.nc")
    mesh = read_mesh(path)
    grid, warm = mesh.grid, np.exp(-mesh.grid.depth / 500)
    dims = ("depth", "y", "x")
    dataset = xr.Dataset(
        {
            "thetao": (dims, np.where(grid.wet, 4 + 15 * warm, np.nan), {"units": "degC"}),
            "so": (dims, np.where(grid.wet, 35 + warm, np.nan), {"units": "1e-3"}),
            "zos": (dims[1:], np.where(grid.wet[0], 0.1, np.nan), {"units": "m"}),
            "e3t": (dims, np.where(grid.wet, grid.thickness, np.nan)),
            "gdept": (dims, grid.depth),
        },
        coords={"depth": ("depth", mesh.nav_lev, {"positive": "down"}), "lat": (dims[1:], grid.lat)},
    )
    out = tmp_path / "restart_start.nc"
    write_restart(ocean_states(dataset), path, out, calendar=Calendar(2700.0))
    assert broken_rules(out, mesh) == []
