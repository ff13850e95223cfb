"""States for a grid that is wanted: turned to its order, masked like it, or refused by position and coast."""

import numpy as np
import pytest

from halocline.data.reading.choices import Choices
from halocline.data.reading.read import read_states
from halocline.runtime.errors import InputError
from tests.bridge.imports import products
from tests.bridge.imports.ice_traps import mask_of_ones, no_mask
from tests.bridge.imports.truth import read


@pytest.fixture
def states(tmp_path):
    products.cf(tmp_path / "cf.nc")
    return read("cf", [tmp_path / "cf.nc"]).dataset


@pytest.fixture
def grid(states):
    from halocline.data.grids.grid import Grid

    return Grid.from_dataset(states)


def again(states, **kw):
    return read_states(states, group="seaice", **kw)


@pytest.mark.parametrize("axes", [("y",), ("x",), ("y", "x")])
def test_reversed_axes_are_turned_by_position(axes, states, grid):
    bare = states.drop_vars(["x", "y", "projection"])
    found = again(bare.isel({a: slice(None, None, -1) for a in axes}), target=grid)
    np.testing.assert_array_equal(found.dataset["sit"], states["sit"])
    assert found.notes.about("converted", "grid")


def test_a_shifted_grid_is_refused_by_position(states, grid):
    lat = states["lat"].copy(data=states["lat"].values - 1.0)
    with pytest.raises(InputError, match="km away from the grid's"):
        again(states.assign_coords(lat=lat).drop_vars(["x", "y", "projection"]), target=grid)


def test_a_file_without_land_takes_the_grids(states, grid):
    for change in (no_mask, mask_of_ones):
        full = states.assign({n: states[n].fillna(0) for n in ("sit", "sic", "snt", "siu", "siv")})
        found = again(change(full), target=grid)
        np.testing.assert_array_equal(found.grid.mask, grid.mask)


def test_open_water_left_out_is_told_from_land_by_the_grid(states, grid):
    ice = states["sic"] > 0
    left_out = states.drop_vars("mask").assign({n: states[n].where(ice) for n in ("sit", "sic", "snt", "siu", "siv")})
    found = again(left_out, target=grid)
    np.testing.assert_array_equal(found.grid.mask, grid.mask)
    np.testing.assert_allclose(found.dataset["sic"], states["sic"], atol=1e-12)


def test_another_coast_and_exchanged_masks_have_their_own_words(states, grid):
    moved = states["mask"].copy(data=states["mask"].values.copy())
    moved.values[0, :3] = 0
    with pytest.raises(InputError, match="another coast: 3 cells differ"):
        again(states.assign(mask=moved), target=grid)
    full = states.assign({n: states[n].fillna(0) for n in ("sit", "sic", "snt", "siu", "siv")})
    exchanged = full.assign(mask=1 - states["mask"])
    with pytest.raises(InputError, match="--mask-ones land"):
        again(exchanged, target=grid, choices=Choices(mask_ones="ocean"))


def test_all_that_is_wrong_stands_in_one_error(states):
    wrong = states.assign(sit=states["sit"].assign_attrs(units="kg"), snt=states["snt"] * 1e3 + 20)
    wrong["snt"].attrs["units"] = "m"
    with pytest.raises(InputError, match=r"(?s)2 problems.*unit of 'sit'.*values of 'snt'") as caught:
        again(wrong)
    assert "Traceback" not in str(caught.value)


def test_a_dimension_that_is_not_ours_is_named(states):
    layered = states.assign(sit=states["sit"].expand_dims(layer=3))
    with pytest.raises(InputError, match=r"dimensions of 'sit'.*layer"):
        again(layered)
