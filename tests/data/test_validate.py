"""States from outside: one clear error for each thing that can be wrong."""

import numpy as np
import pytest
import xarray as xr

from halocline.chain.dataset import to_dataset
from halocline.data.fields.variables import variable
from halocline.data.files.open import open_states
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
    with pytest.raises(InputError, match="'sit'"):
        reopened(dataset.drop_vars(list(CHANNELS)), tmp_path)


def test_misnamed_variable_is_guessed(dataset, tmp_path):
    bad = dataset.rename({"sit": "sivolu"}).drop_vars(["sic", "sid", "siu", "siv"])
    with pytest.raises(InputError, match="Rename 'sivolu' to 'sit'"):
        reopened(bad, tmp_path)


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda d: d["sic"].attrs.update(units="%"), "'%'"),
        (lambda d: d["sic"].attrs.pop("units"), "no units attribute"),
    ],
)
def test_wrong_or_missing_unit(dataset, tmp_path, change, hint):
    change(dataset)
    with pytest.raises(InputError, match=hint):
        reopened(dataset, tmp_path)


def test_percent_under_the_unit_1_is_seen_by_range(dataset, tmp_path):
    dataset["sic"] = dataset["sic"] * 100
    dataset["sic"].attrs["units"] = "1"
    with pytest.raises(InputError, match="percent"):
        reopened(dataset, tmp_path)


def test_nan_inside_the_mask(dataset, tmp_path):
    dataset["sit"].values[1, 8, 3] = np.nan
    with pytest.raises(InputError, match="1 values on ocean cells that are NaN"):
        reopened(dataset, tmp_path)


def test_transposed_fields(dataset, tmp_path):
    bad = dataset.isel(y=slice(0, 12)).drop_vars(["sit"])
    bad["sit"] = (("member", "x", "y"), np.zeros((2, 16, 12), np.float32), variable("sit").attributes())
    with pytest.raises(InputError, match="Transpose"):
        reopened(bad, tmp_path)


def test_no_grid_beside_the_states(dataset, tmp_path):
    with pytest.raises(InputError, match="grid variable 'area'"):
        reopened(dataset.drop_vars("area"), tmp_path)


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
