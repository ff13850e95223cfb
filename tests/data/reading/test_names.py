"""Which variable is which: by name, standard name and unit; what is misspelt is not taken for something else."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.reading.choices import AS_THE_FILE_SAYS
from halocline.data.reading.names import rename_variables
from halocline.data.reading.work import Work


def renamed(variables, wanted=None):
    dataset = xr.Dataset({n: (("y", "x"), np.zeros((2, 2)), attrs) for n, attrs in variables.items()})
    work = Work("file", "seaice", AS_THE_FILE_SAYS, None)
    return rename_variables(dataset, wanted, work), work


def test_a_volume_of_ice_is_no_velocity():
    found, _ = renamed({"vice": {"units": "m"}, "uice": {"units": "m/s"}, "aice": {"units": "1"}})
    assert set(found.data_vars) == {"sit", "siu", "sic"}


def test_a_variable_in_a_unit_of_another_quantity_is_kept_to_be_refused():
    found, _ = renamed({"sivol": {"units": "kg m-2", "standard_name": "sea_ice_thickness"}})
    assert "sit" in found


@pytest.mark.parametrize("name", ["vysi", "damage", "sithick"])
def test_no_remedy_leads_into_a_fault(name):
    """Names of other quantities are near in letters only: 'vysi' is no misspelt 'sid'."""
    _, work = renamed({name: {"units": "m s-1"}}, wanted=("sid", "sit"))
    for problem in work.problems.found:
        assert f"'{name}'" not in str(problem).split("remedy")[-1].split("Halocline needs")[-1]
        assert "Rename" not in str(problem)


def test_of_two_the_user_chooses():
    standard = {"standard_name": "sea_ice_area_fraction", "units": "%"}
    _, work = renamed({"ice_conc": standard, "raw_ice_conc_values": standard})
    (problem,) = work.problems.found
    assert "2 candidates" in str(problem)
    assert 'from = "raw_ice_conc_values"' in str(problem)
