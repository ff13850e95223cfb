"""Every rule for POP's restarts and for the folder that DART reads has an example that breaks it, and it is named."""

import shutil
from dataclasses import replace

import netCDF4
import numpy as np
import pytest

from halocline.bridge.pop.folder_rules import FOLDER_RULES, PopFolder
from halocline.bridge.pop.grid import around_cells
from halocline.bridge.pop.rules import RULES, PopRestart
from halocline.bridge.restarts.rules import broken
from halocline.data.grids.levels import Vertical
from halocline.data.reading.ocean.mesh import Mesh
from tests.bridge.exports.ice_start import edit, without
from tests.bridge.pop_start import export_pop, ocean, pop_cells


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A folder of two restarts with moving water."""
    out = tmp_path_factory.mktemp("pop") / "ens"
    export_pop(ocean(2), out, velocities="balanced")
    return out


def pop_grid(cells=None):
    cells = cells or pop_cells()
    return around_cells(Mesh(cells, cells.columns.nominal_depth))


def of_restart(path):
    with netCDF4.Dataset(path) as file:
        file.set_auto_mask(False)
        return broken(RULES, PopRestart(file, path.name, pop_grid()))


def of_folder(path, cells=None):
    return broken(FOLDER_RULES, PopFolder(path, path.name, pop_grid(cells)))


def dated(**numbers):
    def change(path):
        with netCDF4.Dataset(path, "a") as f:
            f.setncatts({k: np.int32(v) for k, v in numbers.items()})
        return path

    return change


def at(index, value):
    return lambda v: v.__setitem__(index, value)


LAND, DRY, SEA = (0, 0, 0), (0, 10, 12), (0, 5, 5)
BREAKERS = [
    ("dimensions", without(dims={"i": "x"})),
    ("state", without("SALT_CUR")),
    ("other fields", without("PGUESS")),
    ("other fields", without("TEMP_OLD")),
    ("order of dimensions", without(dims={"k": "i", "i": "k"})),
    ("double precision", without(kinds={"PSURF_CUR": "f4"})),
    ("finite values", edit("TEMP_CUR", at(LAND, np.nan))),
    ("finite values", edit("VVEL_CUR", at(LAND, 1e30))),
    ("land", edit("SALT_CUR", at(LAND, 0.035))),
    ("land", edit("UVEL_CUR", at(DRY, 1.0))),
    ("date", without("isecond")),
    ("date", dated(iyear=1)),
    ("date", dated(imonth=13)),
    ("salinity", edit("SALT_CUR", lambda v: 1000 * v)),
    ("salinity", edit("SALT_CUR", lambda v: 0.1 * v)),
    ("temperature", edit("TEMP_CUR", lambda v: v + 273.15 * (v != 0))),
    ("velocities", edit("VVEL_CUR", at(SEA, 1e4))),
    ("surface pressure", edit("PSURF_CUR", lambda v: 1000 * v)),
    ("barotropic velocities", edit("UBTROP_CUR", lambda v: 0 * v)),
    ("old time", edit("TEMP_OLD", lambda v: 0.9 * v)),
]


def test_a_sound_folder_breaks_no_rule(sound):
    assert of_folder(sound) == []
    for name in ("pop_m003.nc", "pop_m004.nc"):
        assert of_restart(sound / name) == []


@pytest.mark.parametrize(("rule", "breaker"), BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_broken_rule_of_a_restart_is_named(rule, breaker, sound, tmp_path):
    errors = of_restart(breaker(shutil.copy(sound / "pop_m003.nc", tmp_path / "pop_m003.nc")))
    assert any(e.field.startswith(f"{rule} of ") for e in errors), [str(e) for e in errors]
    assert all("Source: " in e.remedy for e in errors)


def cut(name):
    def change(folder):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return change


def turned(name):
    """The bytes of each number the other way round, as on a machine of the other kind."""

    def change(folder):
        kind = "f8" if "grid" in name else "i4"
        np.fromfile(folder / name, f">{kind}").astype(f"<{kind}").tofile(folder / name)

    return change


def rewritten(name, old, new):
    def change(folder):
        (folder / name).write_text((folder / name).read_text().replace(old, new))

    return change


def gone(name):
    return lambda folder: (folder / name).unlink()


FOLDER_BREAKERS = [
    ("horizontal grid", gone("horiz_grid.bin")),
    ("horizontal grid", cut("horiz_grid.bin")),
    ("horizontal grid", turned("horiz_grid.bin")),
    ("topography", gone("topography.bin")),
    ("topography", cut("topography.bin")),
    ("topography", turned("topography.bin")),
    ("levels", gone("vert_grid.txt")),
    ("levels", cut("vert_grid.txt")),
    ("levels", rewritten("vert_grid.txt", "2000.0", "20.0")),
    ("namelists", gone("pop_in")),
    ("namelists", rewritten("pop_in", "&domain_nml", "&other_nml")),
    ("lists", gone("restarts_in.txt")),
    ("lists", gone("pop_m004.nc")),
    ("lists", rewritten("restarts_out.txt", "pop_m004.nc\n", "")),
    ("pointer files", gone("rpointer.ocn_0002.restart")),
    ("pointer files", rewritten("rpointer.ocn_0001.restart", "m003", "m004")),
]


def wet_everywhere(cells, where):
    wet = cells.wet.copy()
    wet[:2][(slice(None), *where)] = True
    return replace(cells, mask=wet[0], vertical=Vertical(cells.columns.depth, cells.columns.thickness, wet))


GRID_BREAKERS = [
    ("northern row", lambda c: wet_everywhere(c, (-1, slice(3, 5)))),
    ("sides", lambda c: wet_everywhere(c, (slice(3, 5), [0, -1]))),
    ("positions", lambda c: wet_everywhere(c, (slice(3, 5), 0))),
    ("positions", lambda c: replace(c, lon=c.lon + 20.0 * (np.arange(c.shape[1]) > 6))),
]


@pytest.mark.parametrize(("rule", "breaker"), FOLDER_BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_broken_rule_of_a_folder_is_named(rule, breaker, sound, tmp_path):
    folder = tmp_path / "ens"
    shutil.copytree(sound, folder, symlinks=True)
    breaker(folder)
    assert any(e.field == f"{rule} of ens" for e in of_folder(folder))


@pytest.mark.parametrize(("rule", "change"), GRID_BREAKERS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_grid_that_dart_would_misplace_is_refused(rule, change, sound):
    assert any(e.field == f"{rule} of ens" for e in of_folder(sound, change(pop_cells())))


def test_every_rule_has_an_example_that_breaks_it():
    assert {rule.name for rule in RULES} == {rule for rule, _ in BREAKERS}
    assert {rule.name for rule in FOLDER_RULES} == {rule for rule, _ in (*FOLDER_BREAKERS, *GRID_BREAKERS)}
    assert all(rule.source for rule in (*RULES, *FOLDER_RULES))
