"""States of a file constrained record by record: what constraining all of them at once gives."""

import numpy as np
import pytest
import xarray as xr

from halocline.chain.constrained_file import constrain_file
from halocline.constraints.constrain import Task
from halocline.constraints.taken import Taken
from halocline.data.files.ocean import ocean_states
from halocline.data.files.slabs import slab_dimension
from halocline.runtime import limits
from halocline.runtime.errors import InputError
from tests.ocean_toy import toy_ocean_dataset


def by_time(dataset):
    return dataset.drop_vars("member", errors="ignore").rename(member="time_counter")


def by_both(dataset):
    turned = dataset.assign_coords(member=[4, 2, 9])
    for name in ("thetao", "so", "zos"):
        turned[name] = xr.concat([turned[name], turned[name] + np.float32(0.1)], "time").transpose("member", ...)
        turned[name].attrs = dataset[name].attrs
    hours = {"units": "hours since 2001-03-01", "calendar": "noleap"}
    return turned.assign_coords(time=("time", [0.0, 12.0], hours))


def task(constraints, others):
    return Task(constraints, Taken(ocean_states, others, "basin", 3, others, 5), source="the states")


@pytest.mark.parametrize("ending", [".nc", ".zarr"])
@pytest.mark.parametrize("shaped", [lambda d: d, by_time, by_both], ids=["members", "times", "both"])
def test_record_by_record_is_all_at_once(tmp_path, monkeypatch, ending, shaped):
    dataset, others = shaped(toy_ocean_dataset(dtype=np.float32)), toy_ocean_dataset(members=20, seed=4)
    source = tmp_path / f"s{ending}"
    dataset.to_netcdf(source) if ending == ".nc" else dataset.to_zarr(source, consolidated=False)
    names = ["patterns", "contents", "stability"]
    _, at_once = constrain_file(source, task(names, others), tmp_path / f"whole{ending}")
    monkeypatch.setattr(limits, "AT_ONCE", 10_000)
    _, one_by_one = constrain_file(source, task(names, others), tmp_path / f"parts{ending}")
    read = {".nc": xr.open_dataset, ".zarr": lambda path: xr.open_zarr(path, consolidated=False)}[ending]
    with read(tmp_path / f"whole{ending}") as whole, read(tmp_path / f"parts{ending}") as parts:
        xr.testing.assert_allclose(parts, whole, rtol=1e-5)
        assert parts.attrs == whole.attrs
        assert parts["thetao"].dtype == np.float32
    for a, b in zip(one_by_one, at_once, strict=True):
        assert a.name == b.name
        assert a.residual_before == pytest.approx(b.residual_before, rel=1e-3)
        assert a.moved_share == pytest.approx(b.moved_share, rel=1e-6)
        assert a.rms_change["so"] == pytest.approx(b.rms_change["so"], rel=1e-3)


def test_stability_alone_is_the_same_to_the_bit(tmp_path, monkeypatch):
    toy_ocean_dataset(dtype=np.float32).to_netcdf(tmp_path / "s.nc")
    for name, limit in (("whole.nc", 10**9), ("parts.nc", 1)):
        monkeypatch.setattr(limits, "AT_ONCE", limit)
        constrain_file(tmp_path / "s.nc", task(["stability"], None), tmp_path / name)
    with xr.open_dataset(tmp_path / "whole.nc") as whole, xr.open_dataset(tmp_path / "parts.nc") as parts:
        xr.testing.assert_identical(whole, parts)


def test_partial_cells_larger_than_a_record_are_no_states(tmp_path, monkeypatch):
    """A thickness by cell in double precision, as large as both records: read record by record all the same."""
    states = toy_ocean_dataset(members=2, dtype=np.float32)
    thick = np.broadcast_to(states["e3t"].values[:, None, None], states["thetao"].shape[1:])
    states["e3t"] = (("depth", "y", "x"), thick.astype(np.float64), {"units": "m"})
    states[["e3t", "thetao", "so", "zos", "area"]].to_netcdf(tmp_path / "s.nc")
    for name, limit in (("whole.nc", 10**9), ("parts.nc", 1)):
        monkeypatch.setattr(limits, "AT_ONCE", limit)
        constrain_file(tmp_path / "s.nc", task(["stability"], None), tmp_path / name)
    with xr.open_dataset(tmp_path / "whole.nc") as whole, xr.open_dataset(tmp_path / "parts.nc") as parts:
        for name in ("thetao", "so", "zos"):
            np.testing.assert_array_equal(whole[name], parts[name])


def test_the_longest_leading_dimension_is_taken(monkeypatch):
    dataset = by_both(toy_ocean_dataset())
    assert slab_dimension(dataset) is None
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    assert slab_dimension(dataset) == "member"
    assert slab_dimension(dataset.isel(member=[0])) == "time"
    assert slab_dimension(dataset.isel(member=0, time=0)) is None


def test_records_with_other_cells_are_refused(tmp_path, monkeypatch):
    dataset = toy_ocean_dataset(dtype=np.float32)
    for name in ("thetao", "so"):
        dataset[name].values[1, 2:, 3, 3] = np.nan
    dataset.to_netcdf(tmp_path / "s.nc")
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    with pytest.raises(InputError, match=r"record 1 along 'member'.*another mask.*--mesh"):
        constrain_file(tmp_path / "s.nc", task(["stability"], None), tmp_path / "out.nc")
    assert not (tmp_path / "out.nc").exists()
