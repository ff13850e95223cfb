"""Files of NetCDF 3 whose variables are defined at once: values, attributes, and no byte more than they need."""

import netCDF4
import numpy as np

from halocline.bridge.restarts.netcdf3 import netcdf3


def test_a_file_holds_what_is_written_and_zeros_and_no_more(tmp_path):
    path, sizes = tmp_path / "a.nc", {"k": 3, "y": 40, "x": 50}
    variables = {"deep": (("k", "y", "x"), "m"), "flat": (("y", "x"), ""), "rest": (("y", "x"), "")}
    values = np.random.default_rng(0).standard_normal((3, 40, 50))
    with netcdf3(path, {"title": "né", "member": np.int32(3), "weight": 0.25}, sizes, variables) as file:
        file["deep"][:] = values
        file["flat"][:] = values[1]
    with netCDF4.Dataset(path) as file:
        assert file.data_model == "NETCDF3_64BIT_OFFSET"
        assert (file.title, file.member, file.weight) == ("né", 3, 0.25)
        assert file["deep"].ncattrs() == ["units"]
        assert file["flat"].ncattrs() == []
        np.testing.assert_array_equal(file["deep"][:], values)
        np.testing.assert_array_equal(file["flat"][:], values[1])
        assert not file["rest"][:].any()
    assert path.stat().st_size < 8 * 5 * 40 * 50 + 2000
