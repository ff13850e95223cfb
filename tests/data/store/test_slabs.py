"""Ocean states too large to be read at once: record by record, and one of them alone."""

import numpy as np
import pytest

from halocline.data.files.slabs import one_of, slab_dimension, slabs
from halocline.runtime import limits
from halocline.runtime.errors import ConfigError, InputError
from tests.ocean_toy import toy_ocean_dataset


@pytest.fixture
def path(tmp_path):
    toy_ocean_dataset(members=3, dtype=np.float32).to_netcdf(tmp_path / "s.nc")
    return tmp_path / "s.nc"


def test_small_states_are_read_at_once(path):
    dataset, number = one_of(path, 2)
    assert dataset.sizes["member"] == 3
    assert number == 2
    assert slab_dimension(dataset) is None
    assert len(list(slabs(dataset))) == 1


def test_large_ones_record_by_record(path, monkeypatch):
    whole, _ = one_of(path, 0)
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    assert slab_dimension(whole) == "member"
    parts = list(slabs(whole))
    assert [part.sizes["member"] for part in parts] == [1, 1, 1]
    alone, number = one_of(path, 2)
    assert number == 0
    np.testing.assert_array_equal(alone["thetao"], parts[2]["thetao"])
    with pytest.raises(ConfigError, match="member: found 3; expected 0 to 2"):
        one_of(path, 3)


def test_the_thickness_of_partial_cells_may_be_larger_than_a_state(tmp_path, monkeypatch):
    """Two records in single precision beside a double-precision thickness by cell, which comes first in the file."""
    states = toy_ocean_dataset(members=2, dtype=np.float32)
    dims = ("depth", "y", "x")
    thick = np.broadcast_to(states["e3t"].values[:, None, None], [states.sizes[d] for d in dims])
    first = {"e3t": (dims, thick.astype(np.float64), {"units": "m"})}
    states = states.drop_vars("e3t")
    states.assign(first)[["e3t", *states.data_vars]].to_netcdf(tmp_path / "s.nc")
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    alone, number = one_of(tmp_path / "s.nc", 1)
    assert (alone.sizes["member"], number) == (1, 0)
    np.testing.assert_array_equal(alone["thetao"][0], states["thetao"][1])


def test_a_damaged_file_is_told_by_its_name(path, monkeypatch):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    with pytest.raises(InputError, match=r"s\.nc.*cannot be read"):
        one_of(path, 1)
