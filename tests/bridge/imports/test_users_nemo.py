"""Defects that users of NEMO met (November 2026), each on small files of its kind, and on real ones where present."""

import sys

import netCDF4
import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.bridge.nemo.check import broken_rules
from halocline.bridge.nemo.dates import Calendar, namelist
from halocline.bridge.nemo.mesh import read_mesh
from halocline.bridge.nemo.restart import states_for, write_restart
from halocline.bridge.nemo.template import read_template
from halocline.cli.main import main
from halocline.data.fields.variables import variable
from halocline.data.files.ocean import ocean_states
from halocline.data.files.open import open_dataset, read_dataset
from halocline.data.reading.choices import Choices
from halocline.runtime.errors import InputError
from tests.bridge.imports import ocean_products as make
from tests.bridge.nemo.toy_nemo import field_data, write_mesh, write_template
from tests.ocean_toy import toy_ocean_dataset, toy_ocean_grid


def open_mesh(path):
    return read_mesh(path).beside


def command(monkeypatch, capsys, *words):
    """Run a command in this process; return its exit status and what it printed."""
    monkeypatch.setattr(sys, "argv", ["halocline", *map(str, words)])
    monkeypatch.setenv("COLUMNS", "500")
    with pytest.raises(SystemExit) as caught:
        main()
    said = capsys.readouterr()
    return caught.value.code, " ".join((said.out + said.err).replace("│", " ").split())


def contents(thetao, thickness):
    """Heat of each column of each record, K m."""
    return np.nansum(thetao * np.where(make.GRID.wet, thickness, 0.0), axis=1)


def test_1_constrain_keeps_the_heat_of_each_record_with_its_own_thickness(tmp_path):
    """e3t with several times was ignored without a word, and nominal thickness used."""
    dataset = xr.load_dataset(make.xios(tmp_path / "X_grid_T.nc"))
    shaken = dataset["toce"] + 2.0 * np.random.default_rng(0).standard_normal(dataset["toce"].shape)
    dataset["toce"] = shaken.assign_attrs(dataset["toce"].attrs)
    mesh = open_mesh(make.mesh(tmp_path / "mesh_mask.nc"))
    for options in ({}, {"mesh": mesh}):
        out, moved = hl.constrain(dataset, ["stability"], reference="both", **options)
        assert moved[0].residual_before > 0.01 > moved[0].residual_end
        name = "thetao" if "thetao" in out else "toce"
        before = contents(dataset["toce"].values, make.THICKNESS)
        np.testing.assert_allclose(contents(out[name].values, make.THICKNESS), before, rtol=1e-12)
        nominal = np.broadcast_to(make.GRID.thickness, make.THICKNESS.shape)
        old = contents(dataset["toce"].values, nominal)
        assert np.abs(contents(out[name].values, nominal) / np.where(old, old, 1) - 1).max() > 1e-8  # another thickness


def test_1_states_with_moving_levels_are_scored_on_the_cells_of_the_store(tmp_path):
    """Thickness by record and the nominal one of a store differ by what the surface moves; more is another grid."""
    from halocline.evaluate.ocean.states import require_same_cells

    mesh = open_mesh(make.mesh(tmp_path / "mesh_mask.nc"))
    read = ocean_states(xr.load_dataset(make.xios(tmp_path / "X_grid_T.nc")))
    with pytest.raises(InputError, match=r"another .*thickness"):
        require_same_cells(read.records()[0].layout.grid, mesh.grid)
    with_mesh = ocean_states(xr.load_dataset(make.xios(tmp_path / "Y_grid_T.nc")), mesh=mesh)
    assert with_mesh.thickness is not None
    require_same_cells(with_mesh.layout.grid, mesh.grid, moving=True)


def test_2_and_3_a_file_with_calendar_360d_is_sound_and_read_as_an_ocean(tmp_path, monkeypatch, capsys):
    files = [make.ioipsl(tmp_path / "X_grid_T.nc"), make.mesh(tmp_path / "mesh_mask.nc")]
    with open_dataset(files[0], times="cftime") as dataset:
        assert dataset["time_counter"].values[0].calendar == "360_day"
    words = ("constrain", files[0], "--constraint", "stability", "--out", tmp_path / "out.nc", "--mesh", files[1])
    code, said = command(monkeypatch, capsys, *words)
    assert code == 0, said
    assert "divided by the thickness of the cells" in said
    out = xr.load_dataset(tmp_path / "out.nc")
    assert float(out["thetao"].max()) < 30
    xios = make.xios(tmp_path / "Y_grid_T.nc", names=("votemper", "vosaline", "sossheig"))
    code, said = command(monkeypatch, capsys, "inspect", xios)
    assert code == 0, said
    assert "thetao" in said


def sigma(path):
    """A mesh whose levels by cell differ from the nominal ones by tens of metres, and states at these depths."""
    make.mesh(path)
    with netCDF4.Dataset(path, "a") as f:
        f["gdept_0"][0] = make.GRID.depth + 60.0 * np.linspace(0, 1, 8)[:, None, None]
    return path


def test_4_states_at_the_depths_of_the_template_fit(tmp_path):
    template = read_template(sigma(tmp_path / "mesh_mask.nc"))
    dataset = xr.load_dataset(make.xios(tmp_path / "X_grid_T.nc")).isel(time_counter=[0])
    depth = template.cells.grid.columns.nominal_depth
    assert np.abs(depth - template.cells.nominal).max() > 50
    ocean = states_for(template, dataset.assign_coords(deptht=dataset["deptht"].copy(data=depth)))
    write_restart(ocean, template, tmp_path / "restart_start.nc", calendar=Calendar(2700.0))
    moved = dataset.assign_coords(deptht=dataset["deptht"].copy(data=1.3 * depth))
    with pytest.raises(InputError, match="levels that differ"):
        states_for(template, moved)


def test_5_gdept_0_beside_the_states_is_read():
    dataset = toy_ocean_dataset(make.GRID)
    cells = ("depth", "y", "x")
    for name in ("gdept", "gdept_0"):
        read = ocean_states(dataset.assign({name: (cells, make.GRID.depth)})).layout.grid
        np.testing.assert_array_equal(read.depth[read.wet], make.GRID.depth[read.wet])


def test_5_gdept_0_of_another_mesh_is_refused_although_its_levels_are_called_the_same(tmp_path):
    template = read_template(sigma(tmp_path / "mesh_mask.nc"))
    dataset = xr.load_dataset(make.xios(tmp_path / "X_grid_T.nc")).isel(time_counter=[0])
    dims, own = dataset["thetao" if "thetao" in dataset else "toce"].dims[1:], template.cells.grid.depth
    states_for(template, dataset.assign(gdept_0=(dims, 1.02 * own)))
    with pytest.raises(InputError, match=r"depths of the cells.* m from those of mesh"):
        states_for(template, dataset.assign(gdept_0=(dims, own + 100.0)))


def test_6_a_mesh_mask_of_key_vco_1d_is_a_mesh(tmp_path):
    mesh = read_mesh(make.flat_levels(tmp_path / "mesh_mask.nc"))
    assert mesh.grid.columns.thickness.ndim == 1
    ocean = states_for(read_template(tmp_path / "mesh_mask.nc"), xr.load_dataset(make.xios(tmp_path / "X_grid_T.nc")))
    write_restart(ocean, tmp_path / "mesh_mask.nc", tmp_path / "restart_start.nc", calendar=Calendar(2700.0))
    assert broken_rules(tmp_path / "restart_start.nc", mesh) == []


def test_6_a_domain_cfg_is_a_mesh(tmp_path):
    mesh = read_mesh(make.domain_cfg(tmp_path / "domain_cfg.nc"))
    np.testing.assert_array_equal(mesh.grid.wet, make.GRID.wet)
    np.testing.assert_array_equal(mesh.wet_u, make.GRID.wet & np.roll(make.GRID.wet, -1, 2))
    np.testing.assert_allclose(mesh.grid.depth[mesh.grid.wet], make.GRID.depth[mesh.grid.wet], rtol=1e-12)


def test_7_a_leap_frog_restart_is_whole(tmp_path):
    """Before differs from now in every field; in some of them only is another thing."""
    path = make.restart(tmp_path / "X_restart.nc")
    mesh = read_mesh(make.mesh(tmp_path / "mesh_mask.nc"))
    names = [e.field for e in broken_rules(path, mesh) if "Euler" in e.field]
    assert names == []
    with netCDF4.Dataset(path, "a") as f:
        f["tb"][:] = f["tn"][:]
    assert any("Euler first step" in e.field for e in broken_rules(path, mesh))


def test_8_the_template_knows_mask_direction_and_thickness(tmp_path, monkeypatch, capsys):
    """States as a restart holds them: zeros on land, no units, no direction, no thickness."""
    states = make.restart(tmp_path / "X_restart.nc")
    mesh = make.mesh(tmp_path / "mesh_mask.nc")
    out = tmp_path / "restart_start.nc"
    code, said = command(
        monkeypatch, capsys, "export", "nemo", states, "--template", mesh, "--out", out, "--time-step", 5400
    )
    assert code == 0, said
    true = make.truth()["thetao"][0]
    with netCDF4.Dataset(out) as f:
        np.testing.assert_array_equal(f["tn"][0][make.GRID.wet], true[make.GRID.wet])


def test_9_the_message_is_the_namelist_with_the_day_of_the_state(tmp_path, monkeypatch, capsys):
    dataset = toy_ocean_dataset(make.GRID).assign_coords(
        day_of_year=("member", [0.0, 75.0, 359.0], {"days_per_year": 360.0})
    )
    dataset["gdept"] = (("depth", "y", "x"), make.GRID.depth)
    dataset.to_netcdf(tmp_path / "states.nc")
    mesh = make.mesh(tmp_path / "mesh_mask.nc")
    words = ("export", "nemo", tmp_path / "states.nc", "--template", mesh, "--time-step", 5400)
    code, said = command(monkeypatch, capsys, *words, "--member", 1, "--out", tmp_path / "restart_start.nc")
    assert code == 0, said
    for line in (
        "nn_it000 = 1201",
        "nn_date0 = 00010316",
        "nn_leapy = 30",
        "ln_rstart = .true.",
        "nn_rstctl = 0",
        "ln_1st_euler = .true.",
        "cn_ocerst_in = 'restart_start'",
    ):
        assert line in said, said
    with netCDF4.Dataset(tmp_path / "restart_start.nc") as f:
        assert float(f["kt"][0]) == 1200
        assert float(f["ndastp"][0]) == 10315
        assert float(f["adatrj"][0]) == 75.0


def test_9_a_template_restart_gives_way_to_the_day_of_the_state(tmp_path):
    template = write_template(tmp_path / "template.nc", make.GRID)
    plain, dated = toy_ocean_dataset(make.GRID), toy_ocean_dataset(make.GRID)
    dated = dated.assign_coords(day_of_year=("member", [10.0, 75.0, 300.0], {"days_per_year": 365.0}))
    kept = write_restart(ocean_states(plain), template, tmp_path / "a.nc")
    assert (kept.step, kept.date, kept.leapy) == (4320, 110101, None)
    assert "nn_date0     = 00110102" in namelist(tmp_path / "a.nc", kept)
    new = write_restart(ocean_states(dated), template, tmp_path / "b.nc", member=1)
    assert (new.step, new.date, new.leapy) == (2400, 110316, 0)
    assert "nn_date0     = 00110317" in namelist(tmp_path / "b.nc", new)
    with netCDF4.Dataset(tmp_path / "b.nc") as f:
        assert (float(f["kt"][0]), float(f["ndastp"][0])) == (2400.0, 110316.0)


@pytest.mark.parametrize("kind", ["mesh", "restart"])
def test_rolled_and_reversed_states_are_turned_or_refused(tmp_path, kind):
    """Rolled longitudes went into a restart 5.8 K wrong, and every rule held."""
    grid = toy_ocean_grid()
    template = (write_mesh if kind == "mesh" else write_template)(tmp_path / "template.nc", grid)
    if kind == "restart":
        with netCDF4.Dataset(template, "a") as f:
            f.createVariable("nav_lon", "f4", ("y", "x"))[:] = grid.lon
    states = toy_ocean_dataset(grid).assign_coords(lon=(("y", "x"), grid.lon))
    made_like = read_template(template)
    true = ocean_states(states).states
    for turned in (
        states.isel(x=slice(None, None, -1)),
        states.isel(y=slice(None, None, -1)),
        states.roll(x=2, roll_coords=True),
        states.assign_coords(lon=states["lon"] + 360.0),
    ):
        np.testing.assert_array_equal(states_for(made_like, turned).states, true)
    rolled = ocean_states(states.roll(x=2, roll_coords=True).assign_coords(lon=states["lon"] + 2.0))
    with pytest.raises(InputError, match="differ"):
        write_restart(rolled, made_like, tmp_path / "out.nc", calendar=Calendar(2700.0))
    elsewhere = states.assign_coords(lon=states["lon"] + 30.0)
    with pytest.raises(InputError, match="km away"):
        states_for(made_like, elsewhere)
    with pytest.raises(InputError, match="longitudes that differ by up to 30"):
        write_restart(ocean_states(elsewhere), made_like, tmp_path / "out.nc", calendar=Calendar(2700.0))


def test_our_own_states_on_a_mesh_without_a_projection_are_read():
    """A store of NEMO's states has a curvilinear grid, which no grid mapping describes."""
    dataset = make.GRID.to_dataset()
    assert not dataset["projection"].attrs
    true = make.truth()
    for name, dims in (("thetao", ("depth", "y", "x")), ("so", ("depth", "y", "x")), ("zos", ("y", "x"))):
        dataset[name] = (("member", *dims), true[name], variable(name).attributes())
    out, _ = hl.constrain(dataset, ["stability"], reference="both")
    assert ocean_states(dataset).dataset is dataset
    assert set(out.variables) == set(dataset.variables)


USERS = {name: field_data(f"users-files/{name}.nc") for name in ("O01_glorys", "O03_vvl", "O12_river")}
FILES = pytest.mark.skipif(None in USERS.values(), reason="no field data")


@FILES
def test_the_users_files_have_the_right_reading():
    glorys = read_dataset(USERS["O01_glorys"])
    with pytest.raises(InputError, match="--layer-thickness depth"):
        ocean_states(glorys)
    assert ocean_states(glorys, choices=Choices(layer_thickness="depth")).states.shape == (2, 21, 16, 20)
    moving = read_dataset(USERS["O03_vvl"])
    read = ocean_states(moving)
    for k, record in enumerate(read.records()):
        wet, e3t = record.layout.grid.wet, moving["e3t"].values
        own = e3t[k] if read.thickness is not None else e3t[0]
        np.testing.assert_array_equal(record.layout.grid.thickness[wet], own[wet].astype(float))
    river = ocean_states(read_dataset(USERS["O12_river"]))
    assert any("river mouths" in line for line in river.notes.told())
    assert np.nanmin(river.layout.select(river.states, "so")[0]) == 1.5


DINO4 = [
    field_data(f"nemo-dino/{n}")
    for n in ("DINO4_5d_00010101_00010110_grid_T.nc", "DINO4_00005760_restart.nc", "mesh_mask_4deg.nc")
]
DINO = pytest.mark.skipif(None in DINO4, reason="no field data")


@DINO
def test_real_restarts_and_output_of_nemo_become_restarts(tmp_path, monkeypatch, capsys):
    output, restart, mesh = DINO4
    assert broken_rules(restart, read_mesh(mesh), name="restart.nc") == []
    for states, template, options in (
        (restart, restart, ()),
        (output, mesh, ("--time-step", 5400)),
        (output, restart, ()),
    ):
        out = tmp_path / f"{states.stem[:8]}_{template.stem[:4]}_start.nc"
        words = ("export", "nemo", states, "--template", template, "--out", out, *options)
        code, said = command(monkeypatch, capsys, *words)
        assert code == 0, said
        assert broken_rules(out, read_mesh(mesh)) == []
    with (
        netCDF4.Dataset(restart) as a,
        netCDF4.Dataset(tmp_path / f"{restart.stem[:8]}_{restart.stem[:4]}_start.nc") as b,
    ):
        np.testing.assert_array_equal(a["tn"][:], b["tn"][:])
        np.testing.assert_array_equal(b["tb"][:], b["tn"][:])


@DINO
def test_real_levels_by_cell_and_thickness_by_record(tmp_path):
    """gdept_0 lies up to 105 m from gdept_1d there, e3t_0 up to 70 m from e3t_1d."""
    output, _, mesh = DINO4
    dataset, cells = read_dataset(output), open_mesh(mesh)
    out, _ = hl.constrain(dataset, ["stability"], reference="both", mesh=cells)
    thickness = np.where(cells.grid.wet, dataset["vovvle3t"].values, 0.0).astype(float)
    before = (np.where(cells.grid.wet, dataset["votemper"].values, 0.0).astype(float)).sum(axis=1)
    after = (np.nan_to_num(out["thetao"].values.astype(float)) * thickness).sum(axis=1)
    wet = cells.grid.mask
    np.testing.assert_allclose(after[:, wet], before[:, wet], rtol=2e-7)  # of single precision


@pytest.mark.skipif(field_data("nemo-dino/dino2_states.nc") is None, reason="no field data")
def test_real_states_become_a_store_and_are_scored_against_it(tmp_path):
    """The 48 monthly states, without mask, units or thickness, through import and through score with the mesh."""
    states, mesh = (field_data(f"nemo-dino/{n}.nc") for n in ("dino2_states", "dino2_mesh_mask"))
    store = hl.import_files([states, mesh], tmp_path / "DATA.zarr", source="nemo", splits="blocks")
    assert store.grid.topology.x == "periodic"
    assert store.calendar == "360_day"
    assert len(store.hours) == 48
    few = read_dataset(states).isel(time_counter=slice(2, 48, 6))
    card = hl.score(few, store, roles=["train"], season="all", replicates=5, choices=Choices(mesh=mesh))
    assert float(card.to_dataframe().query("id == 'energy'")["value"].iloc[0]) < 0.5
