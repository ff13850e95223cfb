"""Slabs of an import written by other processes, or by a dask cluster: the store of one process to the byte."""

import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.bridge.importing import fill
from halocline.bridge.sources.base import SOURCES
from halocline.data.store.filling import written
from halocline.runtime.errors import ConfigError
from tests.bridge.imports.test_import_engine import content, months, small_slabs, write_file  # noqa: F401


def test_on_a_cluster(tmp_path, months, small_slabs, cluster, monkeypatch):  # noqa: F811
    hl.import_files(months, tmp_path / "here.zarr", coarsen=2)
    slabs = []
    monkeypatch.setattr(fill.Slabs, "write", _counting(fill.Slabs.write, slabs))
    hl.import_files(months, tmp_path / "there.zarr", coarsen=2, dask=cluster)
    assert len(slabs) > 5
    assert content(tmp_path / "there.zarr") == content(tmp_path / "here.zarr")


def _counting(write, slabs):
    def counted(self, store, member, number):
        slabs.append((member, number))
        write(self, store, member, number)

    return counted


@pytest.mark.slow
def test_in_processes(tmp_path, months, small_slabs):  # noqa: F811
    hl.import_files(months, tmp_path / "here.zarr")
    hl.import_files(months, tmp_path / "there.zarr", jobs=2)
    assert content(tmp_path / "there.zarr") == content(tmp_path / "here.zarr")


def test_members_and_weather_and_notes(tmp_path, small_slabs, cluster):  # noqa: F811
    """What the reader does to a slab is told as if one process had read them all."""
    days = np.arange(0, 120, 5)
    one = xr.open_dataset(write_file(tmp_path / "one.nc", days), decode_times=False).load()
    two = xr.concat([one[["sit", "sic"]], one[["sit", "sic"]] * np.float32(0.5)], "member")
    both = two.assign({name: one[name] for name in ("mask", "area", "projection")})
    both["sic"] = (100 * both["sic"]).assign_attrs(one["sic"].attrs, units="%")
    both.to_netcdf(tmp_path / "both.nc")
    air = xr.Dataset(
        {
            name: (("time", "y", "x"), np.full((125, 16, 16), value, np.float32), {"units": unit})
            for name, value, unit in (
                ("t2m", 260.0, "K"),
                ("q2m", 0.001, "kg kg-1"),
                ("u10", 3.0, "m s-1"),
                ("v10", 1.0, "m s-1"),
            )
        }
    )
    air = air.assign_coords({name: one[name] for name in ("x", "y", "lat", "lon")})
    air["time"] = ("time", np.arange(125.0), {"units": "days since 2000-01-01", "calendar": "noleap"})
    air.to_netcdf(tmp_path / "air.nc")
    options = {"forcing": tmp_path / "air.nc", "splits": "blocks"}
    here = hl.import_files(tmp_path / "both.nc", tmp_path / "here.zarr", **options)
    there = hl.import_files(tmp_path / "both.nc", tmp_path / "there.zarr", dask=cluster, **options)
    assert there.members == 2
    assert there.attributes["provenance"]["notes"] == here.attributes["provenance"]["notes"]
    assert content(tmp_path / "there.zarr") == content(tmp_path / "here.zarr")


def test_what_a_cluster_left_undone_is_done_here(tmp_path, months, small_slabs, cluster, monkeypatch):  # noqa: F811
    hl.import_files(months, tmp_path / "here.zarr")

    def failing(self, store, member, number, write=fill.Slabs.write):
        if number > 3:
            raise MemoryError
        write(self, store, member, number)

    with monkeypatch.context() as broken:
        broken.setattr(fill.Slabs, "write", failing)
        with pytest.raises(MemoryError):
            hl.import_files(months, tmp_path / "there.zarr", dask=cluster)
    assert written(tmp_path / ".there.zarr.import" / "store", 0)
    hl.import_files(months, tmp_path / "there.zarr")
    assert content(tmp_path / "there.zarr") == content(tmp_path / "here.zarr")


def test_what_one_function_reads_is_refused(tmp_path, months, monkeypatch):  # noqa: F811
    monkeypatch.setitem(SOURCES._things, "whole", lambda files: xr.open_dataset(files[0]).load())
    with pytest.raises(ConfigError, match=r"--jobs: found files of the kind 'whole'.*slab by slab"):
        hl.import_files(months[:1], tmp_path / "s.zarr", source="whole", jobs=2)
    assert not list(tmp_path.glob(".s.zarr*"))
