"""Files to a store: CF files as they are, foreign names and units by a mapping, and what is refused."""

import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.bridge.mapping import read_mapping
from halocline.data.fields.variables import variable
from halocline.runtime.errors import ConfigError, InputError
from tests.toy import toy_grid, toy_sample

MAPPING = """
[sic]
from = "siconc"
factor = 0.01

[sit]
from = "sivol"

[lat]
from = "latitude"

[y]
from = "row"
"""


@pytest.fixture
def years():
    """Three years of the toy, a state every 90 days."""
    grid, days = toy_grid(), np.arange(0, 3 * 365, 90)
    states = np.stack([toy_sample(grid, day % 365, day) for day in days])
    dataset = grid.to_dataset()
    dataset["time"] = ("time", days, {"units": "days since 2000-01-01", "calendar": "noleap"})
    for k, name in enumerate(("sit", "sic")):
        dataset[name] = (("time", "y", "x"), states[:, k], variable(name).attributes())
    return dataset


@pytest.fixture
def foreign(years, tmp_path):
    """The same under another model's names, concentration in percent; a file a year."""
    theirs = years.rename(sic="siconc", sit="sivol", lat="latitude", y="row")
    theirs["siconc"] = (100 * theirs["siconc"]).assign_attrs(units="%")
    for year in range(3):
        in_year = theirs["time"] // 365 == year
        theirs.isel(time=np.flatnonzero(in_year)).to_netcdf(tmp_path / f"model_{2002 - year}.nc")
    (tmp_path / "map.toml").write_text(MAPPING)
    return tmp_path / "model_*.nc"


def test_a_file_in_our_form_needs_nothing(years, tmp_path):
    years.to_netcdf(tmp_path / "ours.nc")
    store = hl.import_files(tmp_path / "ours.nc", tmp_path / "s.zarr")
    wanted = years[["sit", "sic"]].isel(time=2).to_array().values
    np.testing.assert_allclose(store.read(0, 2)[:, store.grid.mask], wanted[:, store.grid.mask], rtol=2e-4)
    assert store.calendar == "noleap"
    assert store.attributes["provenance"]["files"] == ["ours.nc"]


def test_files_under_other_names_and_units_give_the_same_store(years, foreign, tmp_path):
    """The pattern's order is not that of time: the files are sorted by their times."""
    mapped = hl.import_files(str(foreign), tmp_path / "m.zarr", mapping=tmp_path / "map.toml")
    ours = hl.write_store(xr.decode_cf(years), tmp_path / "w.zarr")
    np.testing.assert_array_equal(mapped.hours, ours.hours)
    order = [mapped.channels.index(name) for name in ours.channels]
    for index in range(len(ours.hours)):
        np.testing.assert_allclose(mapped.read(0, index)[order], ours.read(0, index), rtol=3e-4)
    np.testing.assert_array_equal(mapped.grid.lat, ours.grid.lat)


def test_a_unit_of_the_same_quantity_needs_no_factor_and_another_is_refused(foreign, tmp_path):
    (tmp_path / "map.toml").write_text(MAPPING.replace("factor = 0.01", ""))
    store = hl.import_files(str(foreign), tmp_path / "m.zarr", mapping=tmp_path / "map.toml")
    assert store.statistics["sic"]["max"] == 1
    for year in (2000, 2001, 2002):
        wrong = xr.load_dataset(tmp_path / f"model_{year}.nc")
        wrong["siconc"].attrs["units"] = "kg"
        wrong.to_netcdf(tmp_path / f"model_{year}.nc")
    with pytest.raises(InputError, match=r"unit of 'sic'.*found 'kg'"):
        hl.import_files(str(foreign), tmp_path / "n.zarr", mapping=tmp_path / "map.toml")
    assert not list(tmp_path.glob("*n.zarr*"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[sicc]\nfrom = 'siconc'", "variable 'sicc'.*Did you mean 'sic'"),
        ("[sic]\nfrom = 'siconc'\nfacto = 2", "Did you mean 'factor'"),
        ("[sic]\nfactor = 0.01", "no table with the name in the file"),
        ("sic = 'siconc'", "no table with the name in the file"),
        ("[sic]\nfrom = 'siconc'\nfactor = 'percent'", "'factor' of 'sic'.*a finite number"),
        ("[sic", "cannot be read"),
    ],
)
def test_wrong_mappings(text, words, tmp_path):
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(InputError, match=words):
        read_mapping(tmp_path / "map.toml")


def test_what_is_not_there_is_named(years, foreign, tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_mapping(tmp_path / "none.toml")
    with pytest.raises(InputError, match=r"files .*none_\*.nc.*no such file"):
        hl.import_files(tmp_path / "none_*.nc", tmp_path / "m.zarr")
    with pytest.raises(InputError, match="found none"):
        hl.import_files([], tmp_path / "m.zarr")
    with pytest.raises(ConfigError, match=r"data source 'cff'.*Did you mean 'cf'"):
        hl.import_files(str(foreign), tmp_path / "m.zarr", source="cff")
    (tmp_path / "map.toml").write_text("[sic]\nfrom = 'sicnc'")
    with pytest.raises(InputError, match=r"'sicnc', the mapping's 'sic'.*Did you mean 'siconc'"):
        hl.import_files(str(foreign), tmp_path / "m.zarr", mapping=tmp_path / "map.toml")


def test_a_name_that_the_file_has_for_something_else(foreign, tmp_path):
    file = tmp_path / "model_2000.nc"
    both = xr.load_dataset(file)
    both.assign(sic=0 * both["siconc"]).to_netcdf(tmp_path / "both.nc")
    with pytest.raises(InputError, match=r"both.nc.*two of 'sic'"):
        hl.import_files(tmp_path / "both.nc", tmp_path / "m.zarr", mapping=tmp_path / "map.toml")


def test_files_of_different_grids_are_refused(years, tmp_path):
    years.isel(time=slice(0, 2)).to_netcdf(tmp_path / "a.nc")
    years.isel(time=slice(2, 4), x=slice(1, None)).to_netcdf(tmp_path / "b.nc")
    with pytest.raises(InputError, match=r"grid in b.nc.*expected y, x = 16, 16"):
        hl.import_files([tmp_path / "a.nc", tmp_path / "b.nc"], tmp_path / "m.zarr")
