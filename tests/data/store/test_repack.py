"""A store written anew by months: the same values, fingerprint and training; only what is wanted is decoded."""

import numpy as np
import pytest
import xarray as xr
import zarr
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.sampling.samples import Samples
from halocline.data.store.repack import repack_store
from halocline.data.store.statistics import verify_store
from halocline.data.store.store import open_store
from halocline.runtime import files
from halocline.runtime.errors import OutputError, StoreError
from halocline.systems.loading import load_model
from tests.surrogate_toy import surrogate_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(surrogate_store(tmp_path_factory.mktemp("store") / "s.zarr"))


@pytest.fixture(scope="module")
def repacked(store, tmp_path_factory):
    return repack_store(store.path, tmp_path_factory.mktemp("repacked") / "r.zarr", quiet=True)


def count_of(store):
    return sum(1 for path in store.path.rglob("c/*/*/*/*/*") if path.is_file())


def test_it_is_the_same_store_in_fewer_files(store, repacked):
    assert verify_store(repacked.path)
    assert (repacked.fingerprint, repacked.statistics) == (store.fingerprint, store.statistics)
    assert repacked.attributes["splits"] == store.attributes["splits"]
    np.testing.assert_array_equal(repacked.hours, store.hours)
    for member, index in ((0, 0), (1, len(store.hours) - 1)):
        np.testing.assert_array_equal(repacked.read(member, index), store.read(member, index))
    np.testing.assert_array_equal(repacked.read_range(1, 3, 9), store.read_range(1, 3, 9))
    assert count_of(repacked) <= 2 * store.members * (1 + (store.hours[-1] - store.hours[0]) // (24 * 31))
    assert count_of(repacked) < count_of(store) / 10
    assert files.sha256_of(store.path / "zarr.json") != files.sha256_of(repacked.path / "zarr.json")


def test_only_what_is_wanted_is_decoded(store, repacked, monkeypatch):
    read, kept = [], zarr.Array.__getitem__
    monkeypatch.setattr(zarr.Array, "__getitem__", lambda self, key: read.append(self.basename) or kept(self, key))
    some = repacked.of_fields(["t2m", "sit"])
    np.testing.assert_array_equal(some.read(1, 2), store.of_fields(["t2m", "sit"]).read(1, 2))
    assert {"state", "forcing"} <= set(read)
    expected = store.read(0, 5)[[1, 0]]
    read.clear()
    np.testing.assert_array_equal(repacked.of_fields(["sic", "sit"]).read(0, 5), expected)
    assert read == ["state"]


def test_what_is_trained_on_it_sees_the_same(store, repacked, model_path):
    codec = load_model(model_path).codec
    one, two = (Samples(each, "validation", codec) for each in (store, repacked))
    np.testing.assert_array_equal(one.take(np.arange(3)), two.take(np.arange(3)))


def test_a_flipped_bit_is_found(repacked, tmp_path):
    import shutil

    broken = shutil.copytree(repacked.path, tmp_path / "b.zarr")
    shard = max((p for p in broken.rglob("state/c/*/*/*/*/*") if p.is_file()), key=lambda p: p.stat().st_size)
    data = bytearray(shard.read_bytes())
    data[len(data) // 3] ^= 4
    shard.write_bytes(bytes(data))
    with pytest.raises(StoreError, match="were changed"):
        verify_store(broken)


def test_the_command_and_what_it_refuses(store, tmp_path):
    done = CliRunner().invoke(app, ["repack", str(store.path), "--out", str(tmp_path / "r.zarr"), "--quiet"])
    assert done.exit_code == 0, done.output
    assert "files: store written to" in done.output
    with pytest.raises(OutputError, match="exists already"):
        repack_store(store.path, tmp_path / "r.zarr", quiet=True)
    with pytest.raises(StoreError, match="nothing at this path"):
        repack_store(tmp_path / "absent.zarr", tmp_path / "x.zarr", quiet=True)
    assert [path.name for path in tmp_path.iterdir()] == ["r.zarr"]


def test_it_is_read_as_files_are(store, repacked):
    from halocline.data.files.open import store_dataset

    one, two = (store_dataset(each.path) for each in (store, repacked))
    xr.testing.assert_identical(
        one.isel(time=slice(3)).load().drop_attrs(), two.isel(time=slice(3)).load().drop_attrs()
    )
