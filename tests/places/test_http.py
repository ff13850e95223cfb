"""A web server: folders that Halocline wrote, and files, are read from it; it lists nothing and takes nothing."""

import contextlib
import datetime
import functools
import http.server
import ipaddress
import os
import ssl
import subprocess
import sys
import threading

import fsspec
import numpy as np
import pytest

import halocline as hl
from halocline.chain.dataset import write_dataset
from halocline.data.files.open import read_dataset
from halocline.data.store.repack import repack_store
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError, MissingExtraError, OutputError, StoreError
from halocline.runtime.places.copying import copy
from halocline.runtime.places.reading import at_hand
from halocline.runtime.places.remote import Remote
from halocline.runtime.places.writing import staged
from tests.places.test_memory import states

pytest.importorskip("aiohttp")


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Whole files by name: no ranges, no lists."""

    def log_message(self, *arguments):
        pass

    def list_directory(self, path):
        self.send_error(403)


@contextlib.contextmanager
def serving(folder, certificate=None):
    """Show a folder for a block, by TLS if there is a certificate with its key; yield the port."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    worker = threading.Thread(target=server.serve_forever, args=(0.05,))
    worker.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        worker.join()
        server.server_close()


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """A folder, and the address of a server that shows it."""
    folder = tmp_path / "shown"
    folder.mkdir()
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving(folder) as port:
        yield folder, f"http://127.0.0.1:{port}"


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


def self_signed(file):
    """Write a certificate of this machine, signed by itself, with its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
    built = built.not_valid_after(now + datetime.timedelta(days=1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = built.add_extension(here, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))


def test_a_server_whose_certificate_is_trusted_and_one_whose_is_not(tmp_path, store_path):
    """The system's way of saying whom to trust: SSL_CERT_FILE, read when a process begins."""
    certificate, folder = tmp_path / "here.pem", tmp_path / "shown"
    self_signed(certificate)
    put_there(store_path, folder)
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    found = []
    with serving(folder, certificate) as port:
        for trusted in ({}, {"SSL_CERT_FILE": str(certificate)}):
            words = ["inspect", f"https://127.0.0.1:{port}/toy.zarr", "--json"]
            command = [sys.executable, "-m", "halocline", *words]
            found.append(subprocess.run(command, env=clean | trusted, capture_output=True, text=True, timeout=120))
    refused, read = found
    assert refused.returncode == 2, refused.stderr
    assert "certificate" in refused.stderr.lower()
    assert read.returncode == 0, read.stderr
    assert open_store(store_path).fingerprint in read.stdout


@pytest.mark.parametrize(
    ("address", "advice"),
    [("gs://b/a.zarr", r"halocline\[gcs\]"), ("s3://b/a.zarr", r"halocline\[cloud\]"), ("abfs://b/a.zarr", "adlfs")],
)
def test_the_package_of_an_address_is_named(monkeypatch, address, advice):
    """gcsfs by its own extra, and that of no extra by fsspec's advice."""
    for name in ("gcsfs", "s3fs", "adlfs"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(sys.modules["fsspec.registry"], "_registry", {})
    with pytest.raises((InputError, MissingExtraError), match=advice):
        Remote(address)
