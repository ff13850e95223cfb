"""One short simulation shared by the acceptance tests, with its budget."""

import os

os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import pytest

from halocline.data.store.store import open_store
from halocline.worlds.arctic.run import simulate


@pytest.fixture(scope="session")
def arctic_path(tmp_path_factory):
    """Two years at 100 km, 12-hourly, after one year of spin-up."""
    out = tmp_path_factory.mktemp("arctic") / "two-years.zarr"
    return simulate(out, years=2, spinup_years=1, seed=7, quiet=True)


@pytest.fixture(scope="session")
def arctic(arctic_path):
    return open_store(arctic_path)
