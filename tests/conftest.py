"""One torch thread, and a toy store that takes no simulation."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import torch

torch.set_num_threads(1)

from tests.toy import toy_store  # noqa: E402


@pytest.fixture(scope="session")
def store_path(tmp_path_factory):
    """A finished toy store: 2 members, 3 years, 16 x 16 cells, five ice variables."""
    return toy_store(tmp_path_factory.mktemp("toy") / "toy.zarr")


@pytest.fixture
def store(store_path):
    """The toy store, opened."""
    from halocline.states.store import open_store

    return open_store(store_path)
