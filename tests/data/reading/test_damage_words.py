"""What the words of a file say of damage = 1."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.reading.choices import Choices
from halocline.data.reading.meaning import settle_damage
from halocline.data.reading.work import Work


@pytest.mark.parametrize(
    ("long_name", "read"),
    [
        ("damage (1 = undamaged)", 0.75),
        ("ice damage, 0: fully broken, 1: intact", 0.75),
        ("damage, 0 = broken", 0.75),
        ("sea-ice damage (0 = intact, 1 = fully broken)", 0.25),
        ("sea-ice damage, 1 is damaged", 0.25),
        ("undamaged fraction", 0.75),
    ],
)
def test_words_tell_what_1_means(long_name, read):
    array = xr.DataArray(np.full((2, 2), 0.25, np.float32), dims=("y", "x"), attrs={"long_name": long_name})
    for name in ({}, {"halocline_name": "damage"}):
        work = Work("s", "seaice", Choices(), None)
        found = settle_damage(xr.Dataset({"sid": array.assign_attrs(name)}), ("sid",), work)
        assert not work.problems.found
        np.testing.assert_allclose(found["sid"], read)


def test_words_that_tell_nothing_are_asked_for():
    array = xr.DataArray(np.zeros((2, 2)), dims=("y", "x"), attrs={"long_name": "damage", "halocline_name": "damage"})
    work = Work("s", "seaice", Choices(), None)
    settle_damage(xr.Dataset({"sid": array}), ("sid",), work)
    assert "--damage intact" in str(work.problems.found[0])
