"""Ice restarts of NEMO: they hold the state, and every rule of the validator has a file that breaks it."""

import shutil

import netCDF4
import numpy as np
import pytest

from halocline.bridge.restarts.rules import broken_file
from halocline.bridge.restarts.si3_rules import RULES, held
from halocline.physics.ice_enthalpy import SI3, SI3_5, ice_temperature
from halocline.physics.thickness_categories import si3_bounds
from halocline.runtime.errors import InputError
from tests.bridge.exports.ice_start import edit, expected, export, nemo_mesh, states, without
from tests.bridge.imports.truth import read, truth

LEAST, MOST = 0.1, 0.997


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A sound restart, and the mesh that it is on."""
    folder = tmp_path_factory.mktemp("si3")
    export("si3", states(), folder / "start.nc", (0,), template=nemo_mesh(folder / "mesh_mask.nc"))
    return folder


def broken(path, categories=5, constants=SI3):
    mask, bounds = ~truth(times=1).land, si3_bounds(categories, 2.0)
    return broken_file(RULES, path, lambda root: held(root, path.name, mask, bounds, constants))


def test_an_export_and_its_import_are_the_state(tmp_path):
    template, data = nemo_mesh(tmp_path / "mesh_mask.nc"), states(2)
    told = export("si3", data, tmp_path / "starts", template=template, step=240)
    for k in range(2):
        found = read("si3", [tmp_path / "starts" / f"si3_m{3 + k:03d}.nc", template]).dataset
        wanted = expected(data, k, LEAST, most=MOST)
        for name in ("sic", "sit", "snt"):
            values = np.nan_to_num(np.squeeze(found[name].values))
            np.testing.assert_allclose(values, wanted[name], atol=1e-12, err_msg=name)
        inside = (slice(4, -5), slice(3, -7))  # of the pack: the mean of faces of a linear drift is the drift
        for name in ("siu", "siv"):
            values = np.squeeze(found[name].values)[inside]
            np.testing.assert_allclose(values, wanted[name][inside], atol=1e-12, err_msg=name)
    lines = "\n".join(told)
    for words in (
        "above 0.997: piled up, volume kept",
        "jpl = 5",
        "cn_icerst_in = 'si3_m003'",
        "nn_it000 = 241",
        "cn_icerst_indir = 'starts'",
    ):
        assert words in lines


def test_a_run_of_nemo_5_has_other_heats_and_less_salt(tmp_path, sound):
    mesh = sound / "mesh_mask.nc"
    told = "\n".join(export("si3", states(), tmp_path / "five.nc", (0,), template=mesh, nemo="5.0", frequency=3))
    assert "nn_icesal = 4" in told
    assert "nn_fsbc = 3" in told
    assert broken(tmp_path / "five.nc", constants=SI3_5) == []
    with netCDF4.Dataset(tmp_path / "five.nc") as f, netCDF4.Dataset(sound / "start.nc") as older:
        assert float(f["nn_fsbc"][...]) == 3
        ice = f["v_i"][0] > 0
        salinity = f["sv_i"][0][ice] / f["v_i"][0][ice]
        assert salinity.max() <= 0.25 * 33 + 1e-9
        same = (
            np.abs(older["sv_i"][0] / np.where(ice, f["v_i"][0], 1) - f["sv_i"][0] / np.where(ice, f["v_i"][0], 1))
            < 1e-9
        ) & ice
        for name in ("e_i_l01", "e_i_l02"):
            found = [
                ice_temperature(-2 * g[name][0][same] / g["v_i"][0][same], g["sv_i"][0][same] / g["v_i"][0][same], c)
                for g, c in ((f, SI3_5), (older, SI3))
            ]
            np.testing.assert_allclose(*found, atol=1e-9)


def test_own_bounds_turn_the_others_off_and_begin_above_the_thinnest_ice(tmp_path, sound):
    mesh, own = sound / "mesh_mask.nc", {"categories": 3, "category_bounds": "0.6,1.5"}
    told = "\n".join(export("si3", states(), tmp_path / "own.nc", (0,), template=mesh, **own))
    assert "ln_cat_hfn = .false., ln_cat_usr = .true." in told
    assert "rn_catbnd  = 0,0.6,1.5,99" in told
    with pytest.raises(InputError, match="first category bound"):
        export("si3", states(), tmp_path / "low.nc", (0,), template=mesh, **own | {"category_bounds": "0.05,1.5"})


def test_heat_and_salt_are_those_of_ice_below_its_melting_temperature(sound):
    with netCDF4.Dataset(sound / "start.nc") as f:
        volume = f["v_i"][0]
        ice = volume > 0
        salinity = f["sv_i"][0][ice] / volume[ice]
        layers = [ice_temperature(-2 * f[f"e_i_l{k:02d}"][0][ice] / volume[ice], salinity, SI3) for k in (1, 2)]
        surface = f["t_su"][0][ice] - 273.15
    assert (salinity > 4.5).all()
    assert (salinity < 20).all()
    assert (surface < layers[0]).all()
    assert (layers[0] < layers[1]).all()
    assert (layers[1] < -0.054 * 33).all()


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    mesh = nemo_mesh(tmp_path / "mesh_mask.nc")
    with pytest.raises(InputError) as caught:
        export("si3", states().drop_vars("sit"), tmp_path / "start_0001.nc", (0,), template=mesh, most=2.0)
    for words in ("'sit'", "most", "start_0001.nc"):
        assert words in str(caught.value)


LAND, WATER = (0, 0, 0, 11), (0, slice(None), 0, 0)
BREAKERS = [
    ("file name", lambda path: shutil.copy(path, path.with_name("ice_0003.nc"))),
    ("time dimension", without("unlimited")),
    ("variables", without("sv_i")),
    ("variables", without("nn_fsbc")),
    ("dimensions", without(dims={"numcat": "ncat"})),
    ("double precision", without(kinds={"a_i": "f4"})),
    ("double precision", without(kinds={"e_i_l01": "f4"})),
    ("finite values", edit("v_ice", lambda v: v.__setitem__((0, 7, 5), np.nan))),
    ("land", edit("e_i_l01", lambda v: v.__setitem__(LAND, 1.0))),
    ("concentration", edit("a_i", lambda v: 3 * v)),
    ("one ice mask", edit("a_i", lambda v: 0 * v)),
    ("one ice mask", edit("e_s_l02", lambda v: v.__setitem__(WATER, 1e5))),
    ("category bounds", edit("v_i", lambda v: 2 * v)),
    ("thinnest ice", edit("v_i", lambda v: 0.01 * v)),
    ("salinity", edit("sv_i", lambda v: 10 * v)),
    ("heat content of ice", edit("e_i_l02", lambda v: -v)),
    ("heat content of snow", edit("e_s_l01", lambda v: 0.5 * v)),
    ("surface temperature", edit("t_su", lambda v: v - 273.15)),
    ("ponds", edit("a_ip", lambda v: v + 2.0)),
    ("velocity beside ice", edit("u_ice", lambda v: v + 0.1)),
    ("velocity", edit("u_ice", lambda v: 100 * v)),
    ("step", edit("kt_ice", lambda v: v - 1.0)),
    ("step", edit("nn_fsbc", lambda v: 0.5 * v)),
]


@pytest.mark.parametrize(("rule", "breaker"), BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_broken_rule_is_named(rule, breaker, sound, tmp_path):
    path = shutil.copy(sound / "start.nc", tmp_path / "start.nc")
    assert broken(path) == []
    errors = broken(breaker(path))
    assert any(e.field.startswith(f"{rule} of ") for e in errors), [str(e) for e in errors]


def test_ice_of_another_number_of_categories_is_named(sound):
    assert [e.field for e in broken(sound / "start.nc", 3)] == ["number of categories of start.nc"]


def test_a_restart_may_leave_out_what_nemo_asks_for(sound, tmp_path):
    assert broken(without("oa_i", "a_ip", "v_ip", "v_il")(shutil.copy(sound / "start.nc", tmp_path / "start.nc"))) == []


def test_every_rule_has_a_file_that_breaks_it():
    assert {rule.name for rule in RULES} == {rule for rule, _ in BREAKERS} | {"number of categories"}
    assert all(rule.source for rule in RULES)
