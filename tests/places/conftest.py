"""A local S3 server, with faults on request."""

import os

import pytest

from tests.toy import toy_store

KEYS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
}


@pytest.fixture(scope="session")
def store_path(tmp_path_factory):
    """A toy store of few chunks."""
    return toy_store(tmp_path_factory.mktemp("small") / "toy.zarr", years=1, interval_days=40, n=8)


@pytest.fixture(scope="session")
def server():
    """The address of a server that lives as long as the session."""
    pytest.importorskip("s3fs")
    pytest.importorskip("flask_cors")
    from moto.server import ThreadedMotoServer

    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def bucket(server, monkeypatch, tmp_path):
    """The address of an empty bucket; child processes find it, too."""
    import s3fs

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"bucket-{os.urandom(4).hex()}"
    s3fs.S3FileSystem(skip_instance_cache=True).mkdir(name)
    return f"s3://{name}"
