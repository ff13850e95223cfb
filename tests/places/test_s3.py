"""A local S3 server: the same promises over HTTP, with its own conditional writes and faults."""

import numpy as np
import pytest

import halocline as hl
from halocline.chain.dataset import write_dataset
from halocline.data.files.open import read_dataset
from halocline.runtime.errors import InputError, OutputError, StoreError
from halocline.runtime.places.copying import copy
from halocline.runtime.places.reading import at_hand
from halocline.runtime.places.remote import Remote
from halocline.runtime.places.writing import staged
from tests.places.test_memory import states


def test_a_store_there_and_read(bucket, store_path):
    copy(store_path, f"{bucket}/dir/toy.zarr")
    found = hl.open_store(f"{bucket}/dir/toy.zarr")
    assert not (found.path / "states" / "c").exists()
    np.testing.assert_array_equal(found.read(0, 3), hl.open_store(store_path).read(0, 3))
    remote = Remote(f"{bucket}/dir/toy.zarr")
    key = "/states/c/0/3/0/0/0"
    whole = remote.bytes_of(key)
    remote._fs.pipe_file(remote._path + key, whole[:-5])
    with pytest.raises(StoreError, match="bytes that were written"):
        hl.open_store(f"{bucket}/dir/toy.zarr").read(0, 3)
    remote.remove(".complete")
    with pytest.raises(InputError, match="without the marker"):
        hl.open_store(f"{bucket}/dir/toy.zarr")


def test_the_server_refuses_a_second_claim(bucket):
    assert Remote(f"{bucket}/a.zarr").create(".begun", b"one")
    assert not Remote(f"{bucket}/a.zarr").create(".begun", b"two")
    with pytest.raises(OutputError, match=r"another run at work there \(one\)"), staged(f"{bucket}/a.zarr"):
        pytest.fail("not begun")


def test_a_put_that_fails(bucket, monkeypatch):
    import s3fs

    call = s3fs.S3FileSystem._call_s3

    async def failing(self, method, *args, **kwargs):
        if method == "put_object" and "/sic/c/" in kwargs.get("Key", ""):
            raise PermissionError("AccessDenied")
        return await call(self, method, *args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr(s3fs.S3FileSystem, "_call_s3", failing)
        with (
            pytest.raises(OutputError, match=r"AccessDenied.*halocline copy") as failed,
            staged(f"{bucket}/a.zarr") as local,
        ):
            write_dataset(states(), local)
    with pytest.raises(InputError, match="without the marker"):
        at_hand(f"{bucket}/a.zarr")
    copy(*failed.value.remedy.split("halocline copy ")[1].split())
    np.testing.assert_array_equal(read_dataset(at_hand(f"{bucket}/a.zarr"))["sic"], 1.0)


def test_a_netcdf_and_no_bucket(bucket):
    with staged(f"{bucket}/a.nc") as local:
        write_dataset(states(), local)
    np.testing.assert_array_equal(read_dataset(at_hand(f"{bucket}/a.nc"))["sic"], 1.0)
    with pytest.raises(InputError, match="bucket does not exist"), staged("s3://no-such-bucket-here/a.nc"):
        pytest.fail("not begun")
