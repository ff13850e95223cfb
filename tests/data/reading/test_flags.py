"""CF flags: values, bits, and bits with values."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.reading.flags import where_flag

WORDS = "sea land lake land_spill_over"


@pytest.mark.parametrize(
    ("attrs", "raw", "land"),
    [
        ({"flag_values": [0, 1, 2, 3]}, [0, 1, 2, 3], [0, 1, 1, 0]),
        ({"flag_masks": np.array([1, 2, 4, -128], np.int8)}, [0, 1, 2, 3, 4, 6, -128, -126], [0, 0, 1, 1, 1, 1, 0, 1]),
        ({"flag_masks": [3, 3, 3, 3], "flag_values": [0, 1, 2, 3]}, [4, 5, 6, 7], [0, 1, 1, 0]),
        ({}, [0, 1], [0, 0]),
    ],
)
def test_meanings_are_found(attrs, raw, land):
    array = xr.DataArray(np.asarray(raw), attrs={**attrs, "flag_meanings": WORDS})
    np.testing.assert_array_equal(where_flag(array, ("land", "lake")), np.asarray(land, bool))


def test_a_missing_flag_means_nothing():
    array = xr.DataArray([np.nan, 1.0], attrs={"flag_masks": [1, 2, 4, 8], "flag_meanings": WORDS})
    np.testing.assert_array_equal(where_flag(array, ("sea",)), [False, True])
