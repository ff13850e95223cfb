"""Start files of neXtSIM-DG: they hold the state, and every rule of the validator has a file that breaks it."""

import shutil

import cftime
import netCDF4
import numpy as np
import pytest

from halocline.bridge.restarts.nextsim_dg_rules import RULES
from halocline.bridge.restarts.rules import Held, broken_file
from halocline.runtime.errors import InputError
from tests.bridge.ice_start import edit, expected, export, states, without
from tests.bridge.truth import NX, NY, read, truth

LEAST = 0.01


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Sound start files, Cartesian and spherical."""
    folder = tmp_path_factory.mktemp("dg")
    for word, layers in (("cartesian", 1), ("spherical", 3)):
        export("nextsim-dg", states(), folder / f"{word}.nc", (0,), coordinates=word, ice_layers=layers)
    return folder


def broken(path):
    mask = ~truth(times=1).land
    return broken_file(RULES, path, lambda root: Held(root["data"], root, path.name, mask))


def test_an_export_and_its_import_are_the_state(tmp_path):
    data = states(2)
    told = export("nextsim-dg", data, tmp_path / "starts")
    for k in range(2):
        path = tmp_path / "starts" / f"nextsim-dg_m{3 + k:03d}.nc"
        found = read("nextsim-dg", [path]).dataset
        wanted = expected(data, k, LEAST)
        for name, values in wanted.items():
            np.testing.assert_allclose(np.nan_to_num(np.squeeze(found[name].values)), values, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(found["lat"], data["lat"], atol=1e-9)
    lines = "\n".join(told)
    for words in ("init_file = nextsim-dg_m003.nc", "BBMDynamics", "ThermoIce0"):
        assert words in lines


def test_what_only_the_model_reads(sound):
    with netCDF4.Dataset(sound / "cartesian.nc") as f:
        data = f["data"]
        assert f["structure"].type == "parametric_rectangular"
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
    with netCDF4.Dataset(sound / "spherical.nc") as f:
        data = f["data"]
        assert (data["u"][:] == 0).all()
        assert {"latitude", "longitude"} <= set(data.variables)
        assert data["tice"].shape[0] == 3
        ice = data["cice"][:] > 0
        assert (data["tice"][1][ice] < data["tice"][2][ice]).all()


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        export("nextsim-dg", states().drop_vars("sic"), tmp_path / "a.nc", (0,), coordinates="polar", ice_layers=2)
    for words in ("coordinates", "ice layers", "'sic'"):
        assert words in str(caught.value)
    plain = states().drop_vars(["x", "y", "projection"])
    with pytest.raises(InputError, match="--coordinates spherical"):
        export("nextsim-dg", plain, tmp_path / "a.nc", (0,), coordinates="cartesian")


def in_data(name, change):
    return edit(name, change, "data")


LAND, ICE, WATER = (0, 11), (7, 5), (0, 0)
BREAKERS = [
    ("groups", without("type")),
    ("variables", without("sss")),
    ("dimensions", without(dims={"zdim": "layer"})),
    ("coordinates", without("x")),
    ("corners", in_data("coords", lambda v: v[:, ::-1])),
    ("mask", in_data("mask", lambda v: 0.5 * v)),
    ("mask", in_data("mask", lambda v: 1.0 - v)),
    ("finite values", in_data("hice", lambda v: v.__setitem__(LAND, -3.28e38))),
    ("land", in_data("cice", lambda v: v.__setitem__(LAND, 0.5))),
    ("concentration", in_data("cice", lambda v: 3 * v)),
    ("one ice mask", in_data("hice", lambda v: 0 * v)),
    ("one ice mask", in_data("hsnow", lambda v: v.__setitem__(WATER, 0.1))),
    ("thinnest ice", in_data("hice", lambda v: 1e-3 * v)),
    ("snow", in_data("hsnow", lambda v: -v)),
    ("damage", in_data("damage", lambda v: 1.0 - v)),
    ("damage", in_data("damage", lambda v: 2.0 * v)),
    ("ice temperature", in_data("tice", lambda v: v + 273.15)),
    ("sea surface", in_data("sst", lambda v: v - 1.0)),
    ("sea surface", in_data("sss", lambda v: -v)),
    ("velocity", in_data("u", lambda v: 100 * v)),
    ("time", without("time")),
]


@pytest.mark.parametrize(("rule", "breaker"), BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_broken_rule_is_named(rule, breaker, sound, tmp_path):
    path = shutil.copy(sound / "cartesian.nc", tmp_path / "start.nc")
    errors = broken(breaker(path))
    assert any(e.field.startswith(f"{rule} of ") for e in errors), [str(e) for e in errors]


@pytest.mark.parametrize("word", ["cartesian", "spherical"])
def test_sound_files_break_no_rule(sound, word):
    assert broken(sound / f"{word}.nc") == []


def test_every_rule_has_a_file_that_breaks_it():
    assert {rule.name for rule in RULES} == {rule for rule, _ in BREAKERS}
    assert all(rule.source for rule in RULES)


def test_a_dated_state_keeps_its_date(tmp_path):
    data = states(1).drop_vars("day_of_year").isel(member=0, drop=True)
    data = data.expand_dims(time=[cftime.datetime(2004, 2, 30, 6, calendar="360_day")])
    export("nextsim-dg", data, tmp_path / "start.nc", air_temperature="-20")
    with netCDF4.Dataset(tmp_path / "start.nc") as f:
        assert f["metadata/time/formatted"][...] == "2004-02-29T06:00:00Z"
        assert int(f["metadata/time/time"][...]) == 1078034400
