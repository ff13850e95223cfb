"""Every rule of the validator has a file that breaks it, and it is named."""

import shutil

import netCDF4
import numpy as np
import pytest

from halocline.bridge.nemo.check import broken_rules, check_restart
from halocline.bridge.nemo.rules import RULES
from halocline.runtime.errors import InputError


def copy(restart, *, without=(), kinds=None, dims=None, unlimited=True, records=1):
    """Copy a restart with changes that cannot be made in place."""
    out = restart.with_name("changed.nc")
    with netCDF4.Dataset(restart) as old, netCDF4.Dataset(out, "w") as new:
        for name, d in old.dimensions.items():
            new.createDimension(name, (None if unlimited else 1) if name == "time_counter" else len(d))
        for name, v in old.variables.items():
            if name in without:
                continue
            order = (dims or {}).get(name, v.dimensions)
            made = new.createVariable(name, (kinds or {}).get(name, v.dtype), order)
            values = v[:].transpose([v.dimensions.index(d) for d in order])
            made[:] = np.repeat(values, records, axis=0) if "time_counter" in v.dimensions else values
    return out


def edit(name, function):
    def broken(restart):
        with netCDF4.Dataset(restart, "a") as f:
            f.set_auto_mask(False)
            f[name][:] = function(np.asarray(f[name][:]))
        return restart

    return broken


def at(index, value):
    def change(v):
        v[index] = value
        return v

    return change


def rename_level(restart):
    with netCDF4.Dataset(restart, "a") as f:
        f.renameDimension("nav_lev", "deptht")
    return restart


def piece(restart):
    with netCDF4.Dataset(restart, "a") as f:
        f.DOMAIN_number_total, f.DOMAIN_number = np.int32(4), np.int32(2)
    return restart


def half_turbulence(restart):
    with netCDF4.Dataset(restart, "a") as f:
        f.createVariable("en", "f8", ("time_counter", "nav_lev", "y", "x"))[:] = 0.0
    return restart


LAND, WET = (0, 0, 0, 0), (0, 0, 2, 2)
BREAKERS = [
    ("file name", lambda r: shutil.copy(r, r.with_name("restart_0004.nc"))),
    ("whole domain", piece),
    ("dimensions", rename_level),
    ("time dimension", lambda r: copy(r, unlimited=False)),
    ("time dimension", lambda r: copy(r, records=2)),
    ("mandatory variables", lambda r: copy(r, without=("un",))),
    ("order of dimensions", lambda r: copy(r, dims={"tn": ("time_counter", "y", "x", "nav_lev")})),
    ("double precision", lambda r: copy(r, kinds={"sshn": "f4", "sshb": "f4"})),
    ("finite values", edit("tn", at(LAND, np.nan))),
    ("finite values", edit("adatrj", at((0,), np.inf))),
    ("fill values", edit("un", at(LAND, 1e20))),
    ("land", edit("sn", at(LAND, 35.0))),
    ("land", edit("vn", at(LAND, 0.1))),
    ("order of levels", edit("nav_lev", lambda v: v[::-1])),
    ("order of levels", edit("nav_lev", lambda v: -v)),
    ("mesh", edit("sn", at(WET, 0.0))),
    ("mesh", edit("nav_lev", lambda v: 1.1 * v)),
    ("temperature", edit("tn", lambda v: np.where(v != 0, v + 273.15, 0))),
    ("salinity", edit("sn", lambda v: v / 1000)),
    ("sea-surface height", edit("sshn", lambda v: v * 100)),
    ("Euler first step", edit("tb", lambda v: v * 1.01)),
    ("turbulence", half_turbulence),
    ("calendar", lambda r: copy(r, without=("kt",))),
    ("calendar", edit("kt", at((0,), -1))),
    ("calendar", edit("ndastp", at((0,), 11301))),
    ("calendar", edit("adatrj", at((0,), -2.0))),
    ("time step", edit("rdt", at((0,), 0.0))),
    ("time step", lambda r: copy(r, without=("rdt",))),
]


@pytest.mark.parametrize(("rule", "broken"), BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_broken_rule_is_named(rule, broken, restart, mesh):
    assert broken_rules(restart, mesh) == []
    errors = broken_rules(broken(restart), mesh)
    assert any(error.field.startswith(f"{rule} of restart") for error in errors), [str(e) for e in errors]
    assert all(error.remedy for error in errors)


def test_every_rule_has_a_file_that_breaks_it():
    assert {rule.name for rule in RULES} == {rule for rule, _ in BREAKERS}


def test_without_a_mesh_land_is_where_salinity_is_zero(restart):
    assert broken_rules(restart) == []
    errors = broken_rules(edit("tn", at(LAND, 1.0))(restart))
    assert [e.field for e in errors] == [
        "land of restart restart_start.nc",
        "Euler first step of restart restart_start.nc",
    ]


def test_the_first_broken_rule_is_raised_and_counts_the_others(restart, mesh):
    broken = edit("rdt", at((0,), -1.0))(edit("tn", at(LAND, np.nan))(restart))
    with pytest.raises(InputError, match=r"finite values of restart.*Also broken: .*time step"):
        check_restart(broken, mesh)


def test_a_restart_of_another_size_is_refused(restart, mesh):
    out = restart.with_name("cut.nc")
    with netCDF4.Dataset(restart) as old, netCDF4.Dataset(out, "w") as new:
        for name, d in old.dimensions.items():
            new.createDimension(name, None if name == "time_counter" else 4 if name == "x" else len(d))
        for name, v in old.variables.items():
            new.createVariable(name, v.dtype, v.dimensions)[:] = v[..., :4] if "x" in v.dimensions else v[:]
    assert any("on a mesh of" in e.found for e in broken_rules(out, mesh))
