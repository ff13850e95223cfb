"""Google's object store, on an emulator: written, read, cut, unmarked, absent. Skipped where that is not installed."""

import numpy as np
import pytest

import halocline as hl
from halocline.chain.dataset import write_dataset
from halocline.data.files.open import read_dataset
from halocline.runtime.errors import InputError, StoreError
from halocline.runtime.places.copying import copy
from halocline.runtime.places.reading import at_hand
from halocline.runtime.places.remote import Remote
from halocline.runtime.places.writing import staged
from tests.places.test_memory import states
from tests.training.forked import free_port


@pytest.fixture
def bucket(monkeypatch, tmp_path):
    """The address of an empty bucket."""
    gcsfs = pytest.importorskip("gcsfs")
    emulator = pytest.importorskip("gcp_storage_emulator.server")
    port = free_port()
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("FSSPEC_GCS_TOKEN", "anon")
    monkeypatch.setenv("FSSPEC_GS_TOKEN", "anon")
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    gcsfs.GCSFileSystem.clear_instance_cache()
    started = emulator.create_server("127.0.0.1", port, in_memory=True, default_bucket="bucket")
    started.start()
    yield "gs://bucket"
    started.stop()


def test_there_and_back(bucket, store_path):
    copy(store_path, f"{bucket}/dir/toy.zarr")
    found = hl.open_store(f"{bucket}/dir/toy.zarr")
    assert not (found.path / "states" / "c").exists()
    np.testing.assert_array_equal(found.read(0, 3), hl.open_store(store_path).read(0, 3))
    for name in ("a.zarr", "a.nc"):
        with staged(f"{bucket}/{name}") as local:
            write_dataset(states(), local)
        np.testing.assert_array_equal(read_dataset(at_hand(f"{bucket}/{name}"))["sic"], 1.0)


def test_what_is_cut_or_absent_is_told(bucket, store_path):
    address = f"{bucket}/toy.zarr"
    copy(store_path, address)
    remote, key = Remote(address), "/states/c/0/3/0/0/0"
    remote._fs.pipe_file(remote._path + key, remote.bytes_of(key)[:-5])
    with pytest.raises(StoreError, match="bytes that were written"):
        hl.open_store(address).read(0, 3)
    remote.remove(".complete")
    with pytest.raises(InputError, match="without the marker"):
        hl.open_store(address)
    with pytest.raises(InputError, match="cannot be reached"), staged("gs://no-such-bucket/a.nc"):
        pytest.fail("not begun")
