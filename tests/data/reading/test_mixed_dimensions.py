"""Variables of one file that differ in their dimensions: one with members, one without."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.reading.choices import Choices
from halocline.data.reading.meaning import settle_damage, settle_thickness
from halocline.data.reading.work import Work

PLANE, MEMBERS = ("y", "x"), ("member", "y", "x")


def field(dims, value, **attributes):
    sizes = {"member": 3, "y": 4, "x": 5}
    return xr.DataArray(np.full([sizes[d] for d in dims], value, np.float32), dims=dims, attrs=attributes)


@pytest.mark.parametrize(("sic", "other"), [(PLANE, MEMBERS), (MEMBERS, PLANE), (MEMBERS, MEMBERS)])
def test_thickness_of_the_ice_becomes_that_of_the_cell(sic, other):
    work = Work("s", "seaice", Choices(thickness="ice"), None)
    states = xr.Dataset({"sic": field(sic, 0.5), "sit": field(other, 2.0, units="m")})
    found = settle_thickness(states, ("sic", "sit"), work)
    assert not work.problems.found
    assert set(found["sit"].dims) == set(MEMBERS)
    np.testing.assert_allclose(found["sit"], 1.0)


@pytest.mark.parametrize(("sic", "other"), [(PLANE, MEMBERS), (MEMBERS, PLANE)])
def test_damage_of_1_in_open_water_is_asked_for(sic, other):
    work = Work("s", "seaice", Choices(), None)
    settle_damage(xr.Dataset({"sic": field(sic, 0.0), "sid": field(other, 1.0)}), ("sic", "sid"), work)
    assert "1 in open water" in str(work.problems.found[0])
