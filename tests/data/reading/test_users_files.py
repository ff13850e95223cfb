"""Files as users have them, kept beside the repository: each is read rightly, or refused by name."""

import numpy as np
import pytest

from halocline.data.files.open import open_dataset
from halocline.data.grids.grid import Grid
from halocline.data.reading.read import read_states
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Work
from halocline.runtime.errors import InputError
from tests.bridge.nemo.toy_nemo import field_data

TRUTH = field_data("users-files/T00_truth.nc")
pytestmark = pytest.mark.skipif(TRUTH is None, reason="no users-files beside the repository")

SAME = (
    "T02_sithick",
    "T04_xy",
    "T05_ydown",
    "T06_lon0_0",
    "T08_eastnorth",
    "T13_float32_grid",
    "T14_lon360",
    "T15_km",
    "T18_nan_openwater",
)


def dataset_of(name):
    return open_dataset(field_data(f"users-files/{name}.nc"), times="cftime").load()


def read(name, **kw):
    return read_states(dataset_of(name), group="seaice", **kw)


@pytest.fixture(scope="module")
def truth():
    return read("T00_truth")


@pytest.mark.parametrize("name", SAME)
def test_the_same_state_in_other_clothes(name, truth):
    found = read(name)
    for variable in truth.names:
        np.testing.assert_allclose(found.dataset[variable], truth.dataset[variable], atol=2e-5, err_msg=variable)
    assert not found.notes.about("warning")


def test_reversed_rows_are_found_by_position(truth):
    found = read("T20_flipped_nocoord", target=truth.grid)
    for variable in truth.names:
        np.testing.assert_array_equal(found.dataset[variable], truth.dataset[variable])
    assert any("top to bottom" in note for note in found.notes.about("converted"))


def test_packed_thickness_of_the_ice(truth):
    """Its cell_methods say 'where sea_ice'; all but the thickness is the truth to the packing."""
    found = read("T01_cmems", target=truth.grid)
    for variable in ("sic", "siu", "siv"):
        off = np.abs(found.dataset[variable].values[0] - truth.dataset[variable].values)[truth.grid.mask]
        assert off.max() < 1.1e-3
    ratio = found.dataset["sit"].values[0] / (truth.dataset["sit"] * truth.dataset["sic"]).values
    thick = (truth.dataset["sit"].values > 1.0) & truth.grid.mask
    np.testing.assert_allclose(ratio[thick], 1.0, rtol=2e-3)


def test_an_all_ones_mask_with_values_on_land_is_refused_without_a_grid(truth):
    with pytest.raises(InputError, match="every cell is ocean, and values in every cell"):
        read("T09_allones")
    found = read("T09_allones", target=truth.grid)
    np.testing.assert_array_equal(found.grid.mask, truth.grid.mask)


def test_records_and_members_have_their_names():
    for name, along, count in (("E01_time", "time", 4), ("E08_lon360", "member", 4), ("T03_dated", "time", 6)):
        found = read(name)
        assert found.dataset["sit"].dims == (along, "y", "x")
        assert found.dataset.sizes[along] == count


def test_dates_of_the_file():
    work = Work("T03", "seaice", target=None, choices=None)
    axis = time_axis(dataset_of("T03_dated"), work)
    assert axis.calendar == "noleap"
    assert len(axis.hours) == 6
    assert not work.problems.found


def test_another_central_meridian_is_another_grid(truth):
    other = read("T06_lon0_0").grid
    assert isinstance(other, Grid)
    assert np.abs(np.cos(np.deg2rad(other.lon - truth.grid.lon))[0, 0] - np.cos(np.deg2rad(45))) < 1e-6
    with pytest.raises(InputError, match="whichever way round"):
        read("T06_lon0_0", target=truth.grid)
