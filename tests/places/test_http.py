"""A web server: folders that Halocline wrote, and files, are read from it; it lists nothing and takes nothing."""

import functools
import http.server
import os
import threading

import fsspec
import numpy as np
import pytest

import halocline as hl
from halocline.chain.dataset import write_dataset
from halocline.data.files.open import read_dataset
from halocline.data.store.repack import repack_store
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError, OutputError, StoreError
from halocline.runtime.places.copying import copy
from halocline.runtime.places.reading import at_hand
from halocline.runtime.places.writing import staged
from tests.places.test_memory import states

pytest.importorskip("aiohttp")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Whole files by name: no ranges, no lists."""

    def log_message(self, *arguments):
        pass

    def list_directory(self, path):
        self.send_error(403)


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """A folder, and the address of a server that shows it."""
    folder = tmp_path / "shown"
    folder.mkdir()
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    worker = threading.Thread(target=server.serve_forever, args=(0.05,))
    worker.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    worker.join()
    server.server_close()


def put_there(local, folder):
    """Copy to the folder what an upload makes of a local folder: its objects and their marker."""
    address = f"memory://{os.urandom(6).hex()}"
    copy(local, f"{address}/{local.name}")
    memory = fsspec.filesystem("memory")
    for name in memory.find(address.removeprefix("memory:/")):
        target = folder / name.removeprefix(address.removeprefix("memory:/")).lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(memory.cat_file(name))


def test_a_store_is_read_chunk_by_chunk(shown, store_path):
    folder, address = shown
    put_there(store_path, folder)
    found = hl.open_store(f"{address}/toy.zarr")
    assert not (found.path / "states" / "c").exists()
    np.testing.assert_array_equal(found.read(0, 3), open_store(store_path).read(0, 3))
    chunk = folder / "toy.zarr/states/c/0/4/0/0/0"
    chunk.write_bytes(chunk.read_bytes()[:-5])
    with pytest.raises(StoreError, match="bytes that were written"):
        hl.open_store(f"{address}/toy.zarr").read(0, 4)
    chunk.unlink()
    with pytest.raises(StoreError, match="an object of 0 bytes"):
        hl.open_store(f"{address}/toy.zarr").read(0, 4)


def test_a_sharded_store_of_a_server_without_ranges(shown, store_path, tmp_path):
    folder, address = shown
    repack_store(store_path, tmp_path / "months.zarr", quiet=True)
    put_there(tmp_path / "months.zarr", folder)
    found = hl.open_store(f"{address}/months.zarr")
    np.testing.assert_array_equal(found.read(1, 2), open_store(store_path).read(1, 2))


def test_files_and_zarr_of_others(shown):
    folder, address = shown
    write_dataset(states(1.0), folder / "a.nc")
    np.testing.assert_array_equal(read_dataset(at_hand(f"{address}/a.nc"))["sic"], 1.0)
    states(2.0).to_zarr(folder / "era.zarr", zarr_format=2, consolidated=True)
    np.testing.assert_array_equal(read_dataset(at_hand(f"{address}/era.zarr"))["sic"], 2.0)


def test_what_is_not_there_or_not_whole_is_told(shown, store_path):
    folder, address = shown
    put_there(store_path, folder)
    (folder / "toy.zarr.complete").unlink()
    with pytest.raises(InputError, match="without the marker"):
        hl.open_store(f"{address}/toy.zarr")
    with pytest.raises(InputError, match="no such file"):
        read_dataset(at_hand(f"{address}/none.nc"))
    with pytest.raises(InputError, match="cannot be reached"):
        hl.open_store("http://127.0.0.1:9/toy.zarr")
    with pytest.raises(OutputError, match="web server"), staged(f"{address}/x.zarr"):
        pytest.fail("not begun")
