"""Velocities of NEMO restarts: in balance on the template's faces, of the nearest restart, of the template; options."""

import netCDF4
import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.bridge.nemo.check import broken_rules
from halocline.bridge.nemo.dates import Calendar
from halocline.bridge.nemo.restart import write_restart
from halocline.bridge.nemo.velocities import Velocities
from halocline.cli.main import app
from halocline.data.files.ocean import ocean_states
from halocline.runtime.errors import ConfigError, InputError
from tests.bridge.nemo.toy_nemo import write_mesh, write_template
from tests.ocean_toy import toy_ocean_dataset, toy_ocean_grid

STEP = Calendar(2700.0)


def values(path, name):
    with netCDF4.Dataset(path) as f:
        f.set_auto_mask(False)
        return np.asarray(f[name][0])


def written(tmp_path, ocean, template, **options):
    out = tmp_path / "out.nc"
    out.unlink(missing_ok=True)
    write_restart(ocean, template, out, calendar=STEP, **options)
    return out


@pytest.fixture
def mesh_path(tmp_path):
    """The toy mesh with faces that are wet between two wet cells of a closed basin."""
    path = write_mesh(tmp_path / "mesh_mask.nc")
    wet = toy_ocean_grid().wet
    faces = {"umask": wet & np.roll(wet, -1, 2), "vmask": wet & np.roll(wet, -1, 1)}
    faces["umask"][:, :, -1] = faces["vmask"][:, -1] = False
    with netCDF4.Dataset(path, "a") as f:
        for name, values in faces.items():
            f[name][0] = values.astype(np.int8)
    return path


@pytest.fixture
def tilted():
    """A flat, stratified sea under a surface that rises by 1 m over the width of the basin, eastward."""
    dataset = toy_ocean_dataset()
    grid = toy_ocean_grid()
    for name, base in (("thetao", 10.0), ("so", 35.0)):
        profile = base - 1e-3 * grid.depth
        dataset[name].values[:] = np.where(grid.wet, profile, np.nan)
    dataset["zos"].values[:] = np.where(grid.wet[0], np.linspace(0, 1, grid.shape[1])[None, :], np.nan)
    return ocean_states(dataset)


def test_balance_is_that_of_the_state_and_stays_on_wet_faces(tmp_path, tilted, mesh_path, mesh):
    out = written(tmp_path, tilted, mesh_path, velocities=Velocities("balanced"))
    assert broken_rules(out, mesh) == []
    u, v = values(out, "un"), values(out, "vn")
    assert not u[~mesh.wet_u].any()
    assert not v[~mesh.wet_v].any()
    np.testing.assert_array_equal(u, values(out, "ub"))
    lat = np.broadcast_to(0.5 * (mesh.grid.lat + np.roll(mesh.grid.lat, -1, 0)), v.shape)  # of the northern faces
    moving = (v != 0) & (lat != 0)
    assert moving.any()
    # A surface that rises eastward: northward in the north, southward in the south.
    assert (np.sign(v[moving]) == np.sign(lat[moving])).all()
    told = " ".join(tilted.notes.lines())
    assert "geostrophic, by the sea-surface height; the beta plane's at the equator" in told
    assert "no wind" in told


def test_a_level_of_no_motion_takes_the_place_of_the_surface(tmp_path, tilted, mesh_path):
    out = written(tmp_path, tilted, mesh_path, velocities=Velocities("balanced", no_motion=1000.0))
    assert max(np.abs(values(out, "un")).max(), np.abs(values(out, "vn")).max()) < 1e-3  # isopycnals are level


def test_depth_means_of_a_stream_function(tmp_path, tilted, mesh_path, mesh):
    ny, nx = mesh.grid.shape
    with netCDF4.Dataset(tmp_path / "psi.nc", "w") as f:
        f.createDimension("y", ny)
        f.createDimension("x", nx)
        f.createVariable("sobarstf", "f8", ("y", "x"))[:] = 1e6 * np.arange(nx)[None, :]
    moving = Velocities("balanced", stream_function=tmp_path / "psi.nc")
    v = values(written(tmp_path, tilted, mesh_path, velocities=moving), "vn")
    inner = mesh.wet_v.all(axis=0) if mesh.wet_v.all(axis=0).any() else mesh.wet_v[0]
    transport = (v * np.minimum(mesh.grid.thickness, np.roll(mesh.grid.thickness, -1, 1)) * mesh.wet_v).sum(axis=0)
    inner[:, 0] = False
    assert (transport[inner] > 0).all()
    with netCDF4.Dataset(tmp_path / "psi.nc", "a") as f:
        f["sobarstf"][:] = 1e12
    with pytest.raises(InputError, match="m3 s-1"):
        written(tmp_path, tilted, mesh_path, velocities=moving)


def test_the_nearest_restart_and_the_template_lend_theirs(tmp_path, ocean, mesh_path):
    near, far = (write_template(tmp_path / f"{name}.nc") for name in ("near", "far"))
    thetao, so = ocean.layout.select(ocean.states[0], "thetao", "so")
    for path, shift in ((near, 0.1), (far, 3.0)):
        with netCDF4.Dataset(path, "a") as f:
            f["tn"][0], f["sn"][0] = np.nan_to_num(thetao) + shift, np.nan_to_num(so)
            f["un"][0] = np.where(np.isfinite(thetao), shift, 0.0)
    found = written(tmp_path, ocean, mesh_path, velocities=Velocities("nearest", restarts=(far, near)))
    u = values(found, "un")
    assert set(np.unique(u)) == {0.0, 0.1}
    own = values(written(tmp_path, ocean, far, velocities=Velocities("template")), "un")
    assert own.max() == 3.0
    with pytest.raises(ConfigError, match="a mesh as the template"):
        written(tmp_path, ocean, mesh_path, velocities=Velocities("template"))


def test_what_is_kept_of_a_template(tmp_path, ocean, template_path):
    held = written(tmp_path, ocean, template_path)
    with netCDF4.Dataset(held) as f:
        assert {"en", "avm_k", "utau_b"} <= set(f.variables)
    for keep, gone, stays in ((("fluxes",), "en", "utau_b"), (("turbulence",), "utau_b", "en"), ((), "dissl", "tn")):
        out = written(tmp_path, ocean, template_path, keep=keep)
        assert broken_rules(out) == []
        with netCDF4.Dataset(out) as f:
            assert gone not in f.variables
            assert stays in f.variables
    with pytest.raises(ConfigError, match="turbulence"):
        written(tmp_path, ocean, template_path, keep=("tides",))


def test_a_template_without_longitudes_cannot_balance(tmp_path, ocean, template_path):
    with pytest.raises(InputError, match=r"no lon of the cells.*mesh_mask"):
        written(tmp_path, ocean, template_path, velocities=Velocities("balanced"))


def test_options_that_contradict_each_other():
    for options, words in (
        ({"kind": "fast"}, "balanced"),
        ({"kind": "rest", "no_motion": 500.0}, "--no-motion"),
        ({"kind": "balanced", "no_motion": -5.0}, "no-motion"),
        ({"kind": "nearest"}, "--nearest-of"),
        ({"kind": "balanced", "equator": 90.0}, "equator"),
        ({"kind": "rest", "equator": 3.0}, "--equator"),
        ({"kind": "rest", "wind": "dino"}, "--wind"),
        ({"kind": "balanced", "rule": "gamma"}, "beta"),
        ({"kind": "balanced", "ekman_depth": 0.0}, "ekman-depth"),
        ({"kind": "balanced", "equation": "linear"}, "seos"),
    ):
        with pytest.raises(ConfigError, match=words):
            Velocities(**options)
    with pytest.raises(InputError, match=r"(?s)3 problems.*1\. velocities.*2\. equation of state.*3\. no-motion"):
        Velocities("fast", no_motion=-1.0, equation="linear")


def test_all_that_is_wrong_with_a_request_is_told_at_once(tmp_path, ocean, mesh_path):
    """Name, member, what to keep, time step, wind: none hides another; nothing is written."""
    with pytest.raises(InputError) as caught:
        write_restart(ocean, mesh_path, tmp_path / "start_0001.nc", member=7, keep=("tides",))
    for words in ("start_0001.nc", "member: found 7", "tides", "time step", "4 problems"):
        assert words in str(caught.value)
    with pytest.raises(InputError) as caught:
        write_restart(ocean, mesh_path, tmp_path / "start.nc", velocities=Velocities("balanced", wind="template"))
    for words in ("time step", "wind", "2 problems"):
        assert words in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["mesh_mask.nc"]


def test_the_command_tells_options_and_states_together(tmp_path):
    mesh = write_mesh(tmp_path / "mesh_mask.nc")
    bad = toy_ocean_dataset()
    bad["so"].values[:] /= 1000
    bad.to_netcdf(tmp_path / "states.nc")
    words = ["export", "nemo", str(tmp_path / "states.nc"), "--template", str(mesh), "--out", str(tmp_path / "a.nc")]
    with pytest.raises(InputError) as caught:
        CliRunner().invoke(app, [*words, "--velocities", "fast", "--keep", "tides"], catch_exceptions=False)
    for words in ("values of 'so'", "velocities 'fast'", "tides"):
        assert words in str(caught.value)
    assert not (tmp_path / "a.nc").exists()


def test_the_command(tmp_path):
    mesh = write_mesh(tmp_path / "mesh_mask.nc")
    toy_ocean_dataset().to_netcdf(tmp_path / "states.nc")
    words = ["export", "nemo", str(tmp_path / "states.nc"), "--template", str(mesh), "--time-step", "2700"]
    done = CliRunner().invoke(
        app, [*words, "--out", str(tmp_path / "start.nc"), "--velocities", "balanced", "--no-motion", "800"]
    )
    assert done.exit_code == 0, done.output
    assert "no motion at 800 m; the beta plane's at the equator" in done.output
    assert np.abs(values(tmp_path / "start.nc", "vn")).max() > 0
    options = ["--velocities", "balanced", "--equator-rule", "zero", "--wind", "dino", "--ekman-depth", "50"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "windy.nc"), *options])
    assert done.exit_code == 0, done.output
    assert "0 within 2 degrees of the equator" in done.output
    assert "moved by DINO's wind, 0.2 N/m2 at 45S, over 50 m" in done.output
