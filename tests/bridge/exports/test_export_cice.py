"""Restarts of CICE: they hold the state, and every rule of the validator has a file that breaks it."""

import json
import shutil

import netCDF4
import numpy as np
import pytest

from halocline.bridge.restarts.air import air_temperature
from halocline.bridge.restarts.cice import held
from halocline.bridge.restarts.cice_grid import read_cice_grid
from halocline.bridge.restarts.cice_rules import RULES
from halocline.bridge.restarts.members import open_members
from halocline.bridge.restarts.rules import broken_file
from halocline.data.reading.choices import AS_THE_FILE_SAYS
from halocline.physics.ice_enthalpy import CESM, CICE, ice_temperature, liquidus
from halocline.physics.thickness_categories import cice_bounds
from halocline.runtime.errors import InputError
from tests.bridge.exports.ice_start import cice_grid, edit, expected, export, grid, states, without
from tests.bridge.imports.truth import read, truth

LEAST = 0.05


@pytest.fixture
def template(tmp_path):
    return cice_grid(tmp_path / "grid.nc")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A sound restart of each thermodynamics."""
    folder = tmp_path_factory.mktemp("cice")
    for brine in ("mushy", "bl99"):
        options = {"template": cice_grid(folder / f"{brine}_grid.nc"), "thermodynamics": brine}
        export("cice", states(), folder / f"{brine}.nc", (0,), **options)
    return folder


def broken(path, brine="mushy", categories=5):
    mask, bounds = ~truth(times=1).land, cice_bounds(categories)
    return broken_file(RULES, path, lambda root: held(root, path.name, mask, bounds, brine))


def test_an_export_and_its_import_are_the_state(tmp_path, template):
    data = states(2)
    told = export("cice", data, tmp_path / "starts", template=template)
    assert sorted(p.name for p in (tmp_path / "starts").iterdir()) == [
        *(f"cice_m{k:03d}.nc" for k in (3, 4)),
        "export.json",
    ]
    for k in range(2):
        found = read("cice", [tmp_path / "starts" / f"cice_m{3 + k:03d}.nc", template]).dataset
        wanted = expected(data, k, LEAST)
        for name in ("sic", "sit", "snt"):
            np.testing.assert_allclose(np.nan_to_num(found[name].values[0]), wanted[name], atol=1e-12, err_msg=name)
        inside = (slice(4, -5), slice(3, -7))  # of the pack: the mean of corners of a linear drift is the drift
        for name in ("siu", "siv"):
            np.testing.assert_allclose(found[name].values[0][inside], wanted[name][inside], atol=1e-12, err_msg=name)
    lines = "\n".join(told)
    assert "new ice of 0.1 m (2 values)" in lines
    assert "thinner than 0.05 m: piled up, volume kept (2 values)" in lines
    assert "no ice, nothing else (2 values)" in lines
    assert "ktherm = 2" in lines
    for words in (
        "runtype          = 'initial'",
        "ice_ic           = './starts/cice_m003.nc'",
        "kitd = 1",
        "restart_lvl",
    ):
        assert words in lines
    manifest = json.loads((tmp_path / "starts" / "export.json").read_text())
    assert manifest["members"] == [0, 1]
    assert manifest["halocline_model"] == "toy-model"


def test_a_restart_says_where_it_comes_from_and_when_it_is(tmp_path, template):
    export("cice", states(), tmp_path / "start.nc", (1,), template=template)
    with netCDF4.Dataset(tmp_path / "start.nc") as f:
        assert (f.halocline_member, f.halocline_model, f.halocline_seed) == (4, "toy-model", "7")
        assert (f.myear, f.mmonth, f.mday, f.msec) == (1, 5, 1, 0), "120 days after 1 January, without leap days"
        assert (f.nyr, f.month, f.sec) == (1, 5, 0)
    export("cice", states(), tmp_path / "later.nc", (1,), template=template, date="2020-03-01T14:00+02:00")
    with netCDF4.Dataset(tmp_path / "later.nc") as f:
        assert (f.myear, f.mmonth, f.mday, f.msec) == (2020, 3, 1, 12 * 3600), "of its zone, in UTC"


def test_what_a_run_reads_beside_the_ice(sound):
    """Ocean without a model of its own, and velocities on the faces: the mean of the two cells, 0 beside land."""
    t, ice = truth(times=1), (slice(4, -5), slice(3, -7))
    data = states()
    with netCDF4.Dataset(sound / "mushy.nc") as f:
        np.testing.assert_allclose(f["sst"][:], np.where(t.land, 0.0, liquidus(33.0)))
        assert (f["frzmlt"][:] == 0).all()
        for name, ours, axis in (("uvelE", "siu", 1), ("vvelE", "siv", 1), ("uvelN", "siu", 0), ("vvelN", "siv", 0)):
            values = data[ours].values[0]
            between = 0.5 * (values + np.roll(values, -1, axis))
            np.testing.assert_allclose(f[name][:][ice], between[ice], atol=1e-12, err_msg=name)
        for name, axis in (("iceemask", 1), ("icenmask", 0)):
            assert (f[name][:][t.land | np.roll(t.land, -1, axis)] == 0).all()


def test_one_category_is_a_run_without_a_thickness_distribution(tmp_path, template):
    lines = "\n".join(export("cice", states(), tmp_path / "one.nc", (0,), template=template, categories=1))
    assert "kitd = 0" in lines
    assert "kcatbound = -1" in lines
    with netCDF4.Dataset(tmp_path / "one.nc") as f:
        area, volume = f["aicen"][0], f["vicen"][0]
        assert (volume[area > 0] / area[area > 0]).min() >= 0.1 * (1 - 1e-12)
    own = "\n".join(
        export("cice", states(), tmp_path / "own.nc", (0,), template=template, category_bounds="0.3,0.7,1.2,2")
    )
    assert "that whose bounds are 0.3,0.7,1.2,2" in own


def test_ice_of_many_layers_is_nowhere_fresher_than_icepack_takes(tmp_path, template):
    options = {"template": template, "thermodynamics": "bl99", "ice_layers": 20}
    export("cice", states(), tmp_path / "deep.nc", (0,), **options)
    with netCDF4.Dataset(tmp_path / "deep.nc") as f:
        assert f["sice001"][:][f["aicen"][:] > 0].min() == 0.1


def test_the_heats_are_those_of_the_run(tmp_path, template):
    """A block of ice of one temperature holds as much heat more as the latent heat is larger."""
    for word in ("icepack", "cesm"):
        options = {"template": template, "thermodynamics": "bl99", "constants": word}
        export("cice", states(), tmp_path / f"{word}.nc", (0,), **options)
    with netCDF4.Dataset(tmp_path / "cesm.nc") as f:
        ice = f["aicen"][:] > 0
        q, s = f["qice004"][:][ice], f["sice004"][:][ice]
    with netCDF4.Dataset(tmp_path / "icepack.nc") as f:
        other = ice_temperature(f["qice004"][:][ice], f["sice004"][:][ice], CICE)
    np.testing.assert_allclose(ice_temperature(q, s, CESM), other, atol=1e-9)
    assert np.abs(ice_temperature(q, s, CICE) - other).max() > 0.02


def test_temperature_of_the_ice_lies_between_air_and_water(tmp_path, template):
    options = {"template": template, "thermodynamics": "bl99", "air_temperature": "-30", "water_salinity": 34.0}
    export("cice", states(), tmp_path / "start.nc", (0,), **options)
    with netCDF4.Dataset(tmp_path / "start.nc") as f:
        ice = f["aicen"][:] > 0
        layers = [ice_temperature(f[f"qice{k:03d}"][:], f[f"sice{k:03d}"][:], CICE)[ice] for k in range(1, 8)]
        surface = f["Tsfcn"][:][ice]
    assert (surface > -30).all()
    assert (layers[0] > surface).all()
    assert all((below > above).all() for above, below in zip(layers[:-1], layers[1:], strict=True))
    assert (layers[-1] < -0.054 * 34).all()


def test_the_air_of_a_file_is_that_of_each_state():
    cells = grid()
    data = cells.to_dataset()
    data["t2m"] = (("time", "y", "x"), np.full((2, *cells.shape), [[[243.15]], [[263.15]]]), {"units": "K"})
    first = open_members(states(), AS_THE_FILE_SAYS, None, cells).first
    air = air_temperature(data, cells, 2, first)
    assert [float(air(k, first)[7, 5]) for k in (0, 1)] == pytest.approx([-30.0, -10.0])
    with pytest.raises(InputError, match=r"2 times; expected one, or 3"):
        air_temperature(data, cells, 3, first)
    season = air_temperature(None, cells, 2, first)(0, first)
    assert season == pytest.approx(-30.9, abs=0.2), "on 21 January"


def test_all_that_is_wrong_is_told_at_once(tmp_path, template):
    data = states().drop_vars("day_of_year")
    data["sic"] = data["sic"] * 300
    with pytest.raises(InputError) as caught:
        export(
            "cice", data, tmp_path / "a.nc", (0,), template=template, categories=3, category_bounds="1,0.5", ridged=2.0
        )
    for words in ("category bounds", "ridged", "sic"):
        assert words in str(caught.value)
    with pytest.raises(InputError, match=r"template .*no such file"):
        export("cice", states(), tmp_path / "a.nc", (0,), template=tmp_path / "none.nc")
    with pytest.raises(InputError, match=r"air temperature.*day_of_year"):
        export("cice", states().drop_vars("day_of_year"), tmp_path / "a.nc", (0,), template=template)
    other = states()
    other["lat"] = other["lat"] - 3
    with pytest.raises(InputError, match="away from the grid's"):
        export("cice", other.drop_vars(["x", "y", "projection"]), tmp_path / "a.nc", (0,), template=template)
    assert not (tmp_path / "a.nc").exists()


def test_a_mask_other_than_the_grids_is_refused(tmp_path, template):
    edit("kmt", lambda v: v.__setitem__((5, 5), 0.0))(template)
    assert not read_cice_grid(template).mask[5, 5]
    with pytest.raises(InputError, match="mask"):
        export("cice", states(), tmp_path / "a.nc", (0,), template=template)


LAND, ICE, WATER = (0, 0, 11), (slice(None), 7, 5), (slice(None), 0, 0)
BREAKERS = [
    ("variables", without("vsnon")),
    ("dimensions", without(dims={"ni": "nx"})),
    ("double precision", without(kinds={"aicen": "f4"})),
    ("finite values", edit("uvel", lambda v: v.__setitem__((7, 5), np.nan))),
    ("finite values", edit("vicen", lambda v: v.__setitem__(LAND, 1e30))),
    ("land", edit("aicen", lambda v: v.__setitem__(LAND, 0.5))),
    ("concentration", edit("aicen", lambda v: 3 * v)),
    ("concentration", edit("aicen", lambda v: -v)),
    ("one ice mask", edit("vicen", lambda v: 0 * v)),
    ("one ice mask", edit("vsnon", lambda v: v.__setitem__(WATER, 0.1))),
    ("one ice mask", edit("qice003", lambda v: v.__setitem__(WATER, -1e8))),
    ("category bounds", edit("vicen", lambda v: 2 * v)),
    ("thinnest ice", edit("vicen", lambda v: 1e-3 * v)),
    ("ice layers", without("sice007")),
    ("salinity", edit("sice001", lambda v: 1000 * v)),
    ("variables", without("frzmlt")),
    ("ice enthalpy", edit("qice001", lambda v: -v)),
    ("ice enthalpy", edit("qice001", lambda v: 3 * v)),
    ("snow enthalpy", edit("qsno001", lambda v: 0.5 * v)),
    ("surface temperature", edit("Tsfcn", lambda v: v + 273.15)),
    ("ice masks of corners and faces", edit("iceumask", lambda v: 0.5 * v)),
    ("ice masks of corners and faces", edit("icenmask", lambda v: 0 * v)),
    ("velocity", edit("vvel", lambda v: 100 * v)),
    ("velocity", edit("uvelE", lambda v: 100 * v)),
    ("tracers", edit("alvl", lambda v: 2 * v)),
    ("date", without("myear")),
]


@pytest.mark.parametrize("brine", ["mushy", "bl99"])
def test_a_sound_restart_breaks_no_rule_and_a_warm_one_does(sound, brine, tmp_path):
    path = shutil.copy(sound / f"{brine}.nc", tmp_path / "start.nc")
    assert broken(path, brine) == []
    errors = broken(edit("qice004", lambda v: -v)(path), brine)
    assert [e.field for e in errors] == ["ice enthalpy of start.nc"]
    fresh = broken(edit("sice002", lambda v: 0.05 * (v > 0))(shutil.copy(sound / f"{brine}.nc", path)), brine)
    assert any(e.field == "salinity of start.nc" for e in fresh) == (brine == "bl99")


@pytest.mark.parametrize(("rule", "breaker"), BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_broken_rule_is_named(rule, breaker, sound, tmp_path):
    errors = broken(breaker(shutil.copy(sound / "mushy.nc", tmp_path / "start.nc")))
    assert any(e.field.startswith(f"{rule} of ") for e in errors), [str(e) for e in errors]
    assert all("Source: " in e.remedy for e in errors)


def test_ice_of_another_number_of_categories_is_named(sound):
    assert [e.field for e in broken(sound / "mushy.nc", categories=7)] == ["number of categories of mushy.nc"]


def test_every_rule_has_a_file_that_breaks_it():
    assert {rule.name for rule in RULES} == {rule for rule, _ in BREAKERS} | {"number of categories"}
    assert all(rule.source for rule in RULES)
