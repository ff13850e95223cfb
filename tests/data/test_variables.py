"""A variable of one's own: by TOML, by environment, beside the data, in the data; and the one table as it was."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from halocline.chain.dataset import to_dataset, write_dataset
from halocline.data.codecs.standard import Codec
from halocline.data.fields import variables
from halocline.data.fields.symmetries import Symmetry, vector_pairs
from halocline.data.fields.variables import (
    Variable,
    channel_variable,
    is_variable,
    load_variables,
    register_variable,
    variable,
    variables_among,
)
from halocline.data.files.states import open_states
from halocline.data.grids.levels import Vertical
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store, mantissa_bits
from halocline.runtime.errors import InputError
from tests.toy import toy_grid

TABLE = """
[ridge]
standard_name = "sea_ice_ridge_thickness"
long_name = "ridged ice"
unit = "m"
group = "seaice"
lower = 0.0
plausible = [0.0, 80.0]

[oxygen]
standard_name = "mole_concentration_of_dissolved_molecular_oxygen_in_sea_water"
long_name = "dissolved oxygen"
unit = "mol m-3"
group = "ocean"
levelled = true
plausible = [0.0, 1.0]

[taux]
standard_name = "surface_downward_x_stress"
long_name = "stress along grid x"
unit = "N m-2"
group = "forcing"
plausible = [-10.0, 10.0]
partner = "tauy"
axis = "x"

[tauy]
standard_name = "surface_downward_y_stress"
long_name = "stress along grid y"
unit = "N m-2"
group = "forcing"
plausible = [-10.0, 10.0]
partner = "taux"
axis = "y"
"""


@pytest.fixture(autouse=True)
def forget():
    """Leave the registry as it was."""
    before = dict(variables._known())
    yield
    variables._known().clear()
    variables._known().update(before)


@pytest.fixture
def table(tmp_path):
    (tmp_path / "mine.toml").write_text(TABLE)
    return tmp_path / "mine.toml"


def test_a_file_adds_surface_levelled_and_vector_variables(table):
    with pytest.raises(InputError, match=r"variables\.toml beside the data"):
        variable("oxygen")
    assert load_variables(table) == ("ridge", "oxygen", "taux", "tauy")
    assert channel_variable("oxygen_03") == (variable("oxygen"), 3)
    assert mantissa_bits("oxygen_03") == 23
    assert mantissa_bits("ridge") == 13
    assert variables_among(["tauy", "oxygen", "sit", "ridge", "x"]) == ("sit", "ridge", "oxygen")
    assert variables_among(["tauy", "taux"], "forcing") == ("taux", "tauy")
    names = ("sic", "tauy_next", "taux", "tauy", "taux_next")
    assert sorted(vector_pairs(names)) == [(2, 3), (4, 1)]
    fields = np.arange(20.0).reshape(5, 2, 2)
    turned = Symmetry(transpose=True).fields(fields, names)
    np.testing.assert_array_equal(turned[2], fields[3].T)
    assert load_variables(table) == ("ridge", "oxygen", "taux", "tauy")  # once more changes nothing


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[a]\nunit = 'm'\n", "no 'long_name'"),
        ("[ridge]\nunits = 'm'\nlong_name='r'\nstandard_name='r'\nunit='m'\nplausible=[0,1]", "Did you mean 'unit'"),
        ("[a]\nlong_name='r'\nstandard_name='r'\nunit='m'\nplausible=[1,0]", "the lower one first"),
        ("unit = 'm'\n", "outside a table"),
        ("[a\n", "cannot be read"),
        ("[sit]\nlong_name='r'\nstandard_name='r'\nunit='km'\nplausible=[0,1]", "another definition"),
    ],
)
def test_a_wrong_table_is_explained(text, match, tmp_path):
    (tmp_path / "wrong.toml").write_text(text)
    with pytest.raises(InputError, match=match):
        load_variables(tmp_path / "wrong.toml")
    with pytest.raises(InputError, match="no such file"):
        load_variables(tmp_path / "none.toml")


def test_the_environment_names_a_file(table):
    code = "from halocline.data.fields.variables import variable; print(variable('oxygen').unit)"
    env = os.environ | {"HALOCLINE_VARIABLES": str(table)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "mol m-3"


def levels(grid, count=2):
    mask = np.stack([grid.mask] * count)
    return Vertical(np.arange(count) * 10.0 + 5.0, np.full(count, 10.0), mask)


def store_with_oxygen(path):
    from dataclasses import replace

    grid = toy_grid()
    grid = replace(grid, vertical=levels(grid))
    create_store(path, grid, ("sit", "ridge", "oxygen_00", "oxygen_01"), 1, np.arange(0, 3 * 8760, 8760), {})
    for k in range(3):
        StoreWriter(path).write(0, k, np.full((4, *grid.shape), 0.25 + 0.125 * k, np.float32))
    finish_store(path)
    return path


def forgotten(name):
    variables._known().pop(name)
    assert not is_variable(name)


def test_a_store_carries_the_definitions_and_opens_elsewhere(table, tmp_path):
    load_variables(table)
    path = store_with_oxygen(tmp_path / "o.zarr")
    before = variable("oxygen")
    forgotten("oxygen")
    forgotten("ridge")
    store = open_store(path)
    assert variable("oxygen") == before
    assert store.attributes["variables"].keys() == {"ridge", "oxygen"}
    assert store.statistics["oxygen_01"]["mean"] == 0.25
    dataset = open_states(path)
    assert dataset["oxygen"].dims[2:] == ("depth", "y", "x")
    assert dataset["oxygen"].attrs["units"] == "mol m-3"
    codec = Codec.from_statistics(("sit", "ridge"), store.statistics, store.grid.mask)
    card = json.loads(json.dumps(codec.to_card()))
    forgotten("ridge")
    assert Codec.from_card(card, store.grid.mask).variables[1].long_name == "ridged ice"


def test_a_store_of_known_variables_carries_none(tmp_path):
    create_store(tmp_path / "a.zarr", toy_grid(), ("sit",), 1, np.array([0]), {})
    assert "variables" not in open_store(tmp_path / "a.zarr", require_complete=False).attributes


def test_a_variable_of_another_unit_is_not_taken_for_it(table, tmp_path):
    load_variables(table)
    path = store_with_oxygen(tmp_path / "o.zarr")
    forgotten("oxygen")
    register_variable(Variable("oxygen", "oxygen", "oxygen", "umol kg-1", (0.0, 500.0), group="ocean", levelled=True))
    with pytest.raises(InputError, match="'mol m-3'; expected 'umol kg-1'"):
        open_store(path)


@pytest.mark.parametrize("name", ["s.nc", "s.zarr"])
def test_states_of_a_file_bring_their_definition_too(table, tmp_path, name):
    load_variables(table)
    grid = toy_grid()
    states = np.where(grid.mask, 0.5, np.nan).astype(np.float32)[None, None].repeat(2, 1)
    write_dataset(to_dataset(states, ("sit", "ridge"), grid, [0], {}), tmp_path / name)
    forgotten("ridge")
    assert float(open_states(tmp_path / name)["ridge"].max()) == 0.5
    assert is_variable("ridge")


def test_a_table_beside_the_data_is_found(tmp_path):
    grid = toy_grid()
    dataset = grid.to_dataset()
    dataset["ridge"] = (("y", "x"), np.full(grid.shape, 90.0), {"units": "m"})
    dataset["sit"] = (("y", "x"), np.full(grid.shape, 1.0), {"units": "m"})
    dataset.to_netcdf(tmp_path / "a.nc")
    assert set(open_states(tmp_path / "a.nc")["ridge"].attrs) == {"units"}  # unknown: not checked
    (tmp_path / "variables.toml").write_text(TABLE)
    with pytest.raises(InputError, match=r"'ridge'.*90"):
        open_states(tmp_path / "a.nc")


def test_an_entry_point_adds_a_variable(monkeypatch):
    from importlib import metadata

    own = Variable("chl", "chlorophyll", "chlorophyll", "kg m-3", (0.0, 1.0), group="ocean")
    monkeypatch.setattr(sys.modules[__name__], "OWN", own, raising=False)
    point = metadata.EntryPoint("chl", f"{__name__}:OWN", "halocline.variables")
    monkeypatch.setattr(metadata, "entry_points", lambda group: (point,) if group == "halocline.variables" else ())
    variables._known.cache_clear()
    try:
        assert variable("chl") is own
        assert variables.definitions_of(["chl"])["chl"]["unit"] == "kg m-3"
    finally:
        monkeypatch.undo()
        variables._known.cache_clear()


def test_the_definition_comes_back():
    for name in ("sit", "siu", "thetao", "so", "u10"):
        own = variable(name)
        assert Variable.of_definition(name, json.loads(json.dumps(own.definition()))) == own
    assert variable("siu").attributes() == {
        "standard_name": "sea_ice_x_velocity",
        "long_name": "sea-ice drift along grid x",
        "units": "m s-1",
        "cell_methods": "area: mean time: mean (interval: 2 hours)",
        "staggering": "centre",
    }
