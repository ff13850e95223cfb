"""States from outside: one clear error for each thing that can be wrong."""

import numpy as np
import pytest
import xarray as xr

from halocline.chain.dataset import to_dataset
from halocline.data.fields.variables import variable
from halocline.data.files.states import open_states
from halocline.data.files.validate import check_mask
from halocline.runtime.errors import InputError
from tests.toy import CHANNELS, toy_grid, toy_sample


@pytest.fixture
def dataset():
    grid = toy_grid()
    states = np.stack([toy_sample(grid, d) for d in (10, 200)])
    states = np.where(grid.mask, states, np.nan).astype(np.float32)
    return to_dataset(states, CHANNELS, grid, [0, 1], {})


def reopened(dataset, tmp_path):
    dataset.to_netcdf(tmp_path / "s.nc")
    return open_states(tmp_path / "s.nc")


def test_good_states_pass(dataset, tmp_path):
    xr.testing.assert_allclose(reopened(dataset, tmp_path)["sic"], dataset["sic"])


def test_land_may_hold_anything(dataset, tmp_path):
    dataset["sic"] = dataset["sic"].fillna(-999.0)
    assert np.isnan(reopened(dataset, tmp_path)["sic"].values[:, ~toy_grid().mask]).all()


def test_missing_variable_is_named(dataset, tmp_path):
    with pytest.raises(InputError, match=r"none of ours among mask, area.*expected sit, sic"):
        reopened(dataset.drop_vars(list(CHANNELS)), tmp_path)


def test_alias_is_read_and_the_rest_left_out(dataset, tmp_path):
    named = dataset.rename({"sit": "sivolu"}).drop_vars(["sic", "sid", "siu", "siv"])
    xr.testing.assert_allclose(reopened(named, tmp_path)["sit"].drop_attrs(), dataset["sit"].drop_attrs())


@pytest.mark.parametrize("unit", ["%", None])
def test_percent_is_converted_and_a_fraction_needs_no_unit(dataset, tmp_path, unit):
    true = dataset["sic"].copy()
    dataset["sic"] = dataset["sic"] * (100 if unit else 1)
    dataset["sic"].attrs = {"units": unit} if unit else {}
    found = reopened(dataset, tmp_path)["sic"]
    np.testing.assert_allclose(found, true, rtol=1e-6)
    assert found.attrs["units"] == "1"


@pytest.mark.parametrize(("unit", "words"), [("K", "'K'"), (None, "--unit sit=cm if it is cm")])
def test_unit_of_another_quantity_or_none_is_refused(dataset, tmp_path, unit, words):
    dataset["sit"].attrs = {"units": unit} if unit else {}
    with pytest.raises(InputError, match=words):
        reopened(dataset, tmp_path)


def test_percent_under_the_unit_1_is_seen_by_range(dataset, tmp_path):
    dataset["sic"] = dataset["sic"] * 100
    dataset["sic"].attrs["units"] = "1"
    with pytest.raises(InputError, match="percent"):
        reopened(dataset, tmp_path)


def test_nan_in_ice_is_refused_and_in_open_water_filled(dataset, tmp_path):
    ice = np.argwhere(dataset["sic"].values > 0.5)[0]
    water = np.argwhere(dataset["sic"].values == 0.0)[0]
    dataset["sit"].values[tuple(water)] = np.nan
    assert reopened(dataset, tmp_path)["sit"].values[tuple(water)] == 0.0
    dataset["sit"].values[tuple(ice)] = np.nan
    with pytest.raises(InputError, match="1 values on ocean cells that are NaN"):
        reopened(dataset, tmp_path)


def test_transposed_fields_are_turned_by_name(dataset, tmp_path):
    true = dataset["sit"].copy()
    dataset["sit"] = dataset["sit"].transpose("member", "x", "y")
    np.testing.assert_array_equal(reopened(dataset, tmp_path)["sit"], true)


def test_fields_without_a_horizontal_dimension_are_refused(dataset, tmp_path):
    dataset["sit"] = dataset["sit"].rename(x="across")
    with pytest.raises(InputError, match="Rename the dimensions"):
        reopened(dataset, tmp_path)


def test_area_and_positions_are_made_of_the_projection(dataset, tmp_path):
    found = reopened(dataset.drop_vars(["area", "lat", "lon"]), tmp_path)
    np.testing.assert_allclose(found["area"], dataset["area"], rtol=1e-6)
    np.testing.assert_allclose(found["lat"], dataset["lat"], atol=1e-9)
    with pytest.raises(InputError, match="latitudes and longitudes"):
        reopened(dataset.drop_vars(["lat", "lon", "x", "y"]), tmp_path)


def test_another_mask_and_another_size():
    grid = toy_grid()
    mask = grid.mask.copy()
    mask[9, 9] = False
    with pytest.raises(InputError, match="differs in 1 of 256 cells"):
        check_mask(mask, grid, "states")
    with pytest.raises(InputError, match="20 x 20"):
        check_mask(np.ones((20, 20), bool), grid, "states")
    check_mask(grid.mask, grid, "states")


def test_absent_and_broken_files(tmp_path):
    with pytest.raises(InputError, match="nothing at this path"):
        open_states(tmp_path / "absent.nc")
    (tmp_path / "broken.nc").write_bytes(b"CDF no")
    with pytest.raises(InputError, match="cannot be read"):
        open_states(tmp_path / "broken.nc")


def test_unknown_variable_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'sit'"):
        variable("sitt")
