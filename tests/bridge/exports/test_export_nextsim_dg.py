"""Start files of neXtSIM-DG: they hold the state, and every rule of the validator has a file that breaks it."""

import shutil

import cftime
import netCDF4
import numpy as np
import pytest

from halocline.bridge.restarts.nextsim_dg_rules import LAYERS, RULES, held
from halocline.bridge.restarts.rules import broken_file
from halocline.runtime.errors import InputError
from tests.bridge.exports.ice_start import edit, expected, export, states, without
from tests.bridge.imports.truth import NX, NY, read, truth

LEAST = 0.01
LAYOUTS = ("flat", "groups")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Sound start files, Cartesian and spherical, of both layouts."""
    folder = tmp_path_factory.mktemp("dg")
    for layout in LAYOUTS:
        for word, layers in (("cartesian", 1), ("spherical", 3)):
            options = {"coordinates": word, "ice_layers": layers, "layout": layout}
            export("nextsim-dg", states(), folder / f"{layout}_{word}.nc", (0,), **options)
    return folder


def broken(path):
    mask = ~truth(times=1).land
    return broken_file(RULES, path, lambda root: held(root, path.name, mask))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_export_and_its_import_are_the_state(tmp_path, layout):
    data = states(2)
    told = export("nextsim-dg", data, tmp_path / "starts", layout=layout)
    for k in range(2):
        path = tmp_path / "starts" / f"nextsim-dg_m{3 + k:03d}.nc"
        found = read("nextsim-dg", [path]).dataset
        wanted = expected(data, k, LEAST)
        for name, values in wanted.items():
            np.testing.assert_allclose(np.nan_to_num(np.squeeze(found[name].values)), values, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(found["lat"], data["lat"], atol=1e-9)
        assert found["time"].values[0].strftime("%Y-%m-%d") == ("2000-01-21", "2000-04-30")[k]
    for line in (
        "init_file = starts/nextsim-dg_m003.nc",
        "start = 2000-01-21T00:00:00Z",
        "DynamicsModule = Nextsim::BBMDynamics",
        "IceThermodynamicsModule = Nextsim::ThermoIce0",
    ):
        assert line in told


def test_what_only_the_model_reads(sound):
    with netCDF4.Dataset(sound / "groups_cartesian.nc") as f:
        data = f["data"]
        assert f["structure"].type == "parametric_rectangular"
        assert {n: len(d) for n, d in data.dimensions.items() if n.endswith("_cg")} == {"y_cg": NY + 1, "x_cg": NX + 1}
        assert {"x", "y"} <= set(data.variables)
        assert not {"latitude", "longitude"} & set(data.variables)
        assert data["coords"].shape == (NY + 1, NX + 1, 2)
        step = np.diff(data["coords"][:], axis=1)[..., 0]
        np.testing.assert_allclose(step, 300e3)
        t = truth(times=1)
        water = (data["cice"][:] == 0) & ~t.land
        assert (data["damage"][:][water] == 1).all()
        assert (data["damage"][:][t.land] == 0).all()
        np.testing.assert_allclose(data["sst"][:][~t.land], -0.055 * 33)
        assert f["metadata/time/formatted"][...] == "2000-01-21T00:00:00Z"
        assert f["metadata/time/time"].formatted == "2000-01-21T00:00:00Z"
    with netCDF4.Dataset(sound / "flat_cartesian.nc") as f:
        assert f.structure_name == "parametric_rectangular"
        assert not f.groups, "one group would make the model look for its data in a group"
        assert f["time"].formatted == "2000-01-21T00:00:00Z"
        assert not {"latitude", "longitude"} & set(f.variables)
    with netCDF4.Dataset(sound / "flat_spherical.nc") as data:
        ice = data["cice"][:] > 0
        for name, layer in zip(LAYERS, data["tice"][:], strict=True):
            np.testing.assert_array_equal(data[name][:], layer)
        assert (data["tsurf"][:][ice] < data["tinterior"][:][ice]).all()
    with netCDF4.Dataset(sound / "groups_spherical.nc") as f:
        data = f["data"]
        assert (data["u"][:] == 0).all()
        assert {"latitude", "longitude"} <= set(data.variables)
        assert data["tice"].shape[0] == 3
        ice = data["cice"][:] > 0
        assert (data["tice"][1][ice] < data["tice"][2][ice]).all()


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        export(
            "nextsim-dg",
            states().drop_vars("sic"),
            tmp_path / "a.nc",
            (0,),
            coordinates="polar",
            ice_layers=2,
            layout="tree",
        )
    for words in ("coordinates", "ice layers", "layout", "'sic'"):
        assert words in str(caught.value)
    plain = states().drop_vars(["x", "y", "projection"])
    with pytest.raises(InputError, match="--coordinates spherical"):
        export("nextsim-dg", plain, tmp_path / "a.nc", (0,), coordinates="cartesian")


LAND, ICE, WATER = (0, 11), (7, 5), (0, 0)
BREAKERS = [
    ("layout", without("structure_name")),
    ("variables", without("sss")),
    ("variables", without("tinterior")),
    ("dimensions", without(dims={"zdim": "layer"})),
    ("sizes of the mesh", without(dims={"x_cg": "xcg"})),
    ("coordinates", without("x")),
    ("corners", edit("coords", lambda v: v[:, ::-1])),
    ("mask", edit("mask", lambda v: 0.5 * v)),
    ("mask", edit("mask", lambda v: 1.0 - v)),
    ("finite values", edit("hice", lambda v: v.__setitem__(LAND, -3.28e38))),
    ("land", edit("cice", lambda v: v.__setitem__(LAND, 0.5))),
    ("concentration", edit("cice", lambda v: 3 * v)),
    ("one ice mask", edit("hice", lambda v: 0 * v)),
    ("one ice mask", edit("hsnow", lambda v: v.__setitem__(WATER, 0.1))),
    ("thinnest ice", edit("hice", lambda v: 1e-3 * v)),
    ("thickest ice", edit("hice", lambda v: 100 * v)),
    ("snow", edit("hsnow", lambda v: -v)),
    ("damage", edit("damage", lambda v: 1.0 - v)),
    ("damage", edit("damage", lambda v: 2.0 * v)),
    ("ice temperature", edit("tice", lambda v: v + 273.15)),
    ("ice temperature", edit("tbottom", lambda v: 0.0 * v)),
    ("sea surface", edit("sst", lambda v: v - 1.0)),
    ("sea surface", edit("sss", lambda v: -v)),
    ("velocity", edit("u", lambda v: 100 * v)),
    ("time", without("time")),
]


@pytest.mark.parametrize(("rule", "breaker"), BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_broken_rule_is_named(rule, breaker, sound, tmp_path):
    path = shutil.copy(sound / "flat_cartesian.nc", tmp_path / "start.nc")
    errors = broken(breaker(path))
    assert any(e.field.startswith(f"{rule} of ") for e in errors), [str(e) for e in errors]


@pytest.mark.parametrize("word", ["cartesian", "spherical"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_sound_files_break_no_rule(sound, layout, word):
    assert broken(sound / f"{layout}_{word}.nc") == []


@pytest.mark.parametrize(
    ("rule", "breaker"),
    [
        ("layout", without("type")),
        ("layout", without("metadata")),
        ("variables", without("tice")),
        ("sizes of the mesh", without(dims={"zdim": "layer"})),
        ("time", without("time")),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_the_broken_rule_of_a_file_with_groups_is_named(rule, breaker, sound, tmp_path):
    errors = broken(breaker(shutil.copy(sound / "groups_cartesian.nc", tmp_path / "start.nc")))
    assert any(e.field.startswith(f"{rule} of ") for e in errors), [str(e) for e in errors]


def test_a_flat_file_with_a_group_is_named(sound, tmp_path):
    path = shutil.copy(sound / "flat_cartesian.nc", tmp_path / "start.nc")
    with netCDF4.Dataset(path, "a") as f:
        f.createGroup("halocline")
    assert any("layout" in e.field and "halocline" in e.found for e in broken(path))


def test_every_rule_has_a_file_that_breaks_it():
    assert {rule.name for rule in RULES} == {rule for rule, _ in BREAKERS}
    assert all(rule.source for rule in RULES)


def test_a_dated_state_keeps_its_date(tmp_path):
    data = states(1).drop_vars("day_of_year").isel(member=0, drop=True)
    data = data.expand_dims(time=[cftime.datetime(2004, 2, 30, 6, calendar="360_day")])
    told = export("nextsim-dg", data, tmp_path / "start.nc", air_temperature="-20", layout="groups")
    assert "start = 2004-02-29T06:00:00Z" in told
    with netCDF4.Dataset(tmp_path / "start.nc") as f:
        assert f["metadata/time/formatted"][...] == "2004-02-29T06:00:00Z"
        assert int(f["metadata/time/time"][...]) == 1078034400
