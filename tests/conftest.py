"""One torch thread, and a toy store that takes no simulation."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import hypothesis
import pytest
import torch

torch.set_num_threads(1)
hypothesis.settings.register_profile(  # a busy machine is no failure
    "no clock", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("no clock")
TOY_RECIPE = Path(__file__).parent / "toy.toml"
OCEAN_RECIPE = Path(__file__).parent / "ocean_toy.toml"

from tests.ocean_toy import OXYGEN, toy_dino_store  # noqa: E402
from tests.toy import toy_store  # noqa: E402


@pytest.fixture(scope="session")
def store_path(tmp_path_factory):
    """A finished toy store: 2 members, 3 years, 16 x 16 cells, five ice variables."""
    return toy_store(tmp_path_factory.mktemp("toy") / "toy.zarr")


@pytest.fixture
def store(store_path):
    """The toy store, opened."""
    from halocline.data.store.store import open_store

    return open_store(store_path)


@pytest.fixture(scope="session")
def ocean_store_path(tmp_path_factory):
    """A finished toy ocean store: 6 members, 2 years of 360 days, 8 x 8 x 5 cells, three forcing parameters."""
    return toy_dino_store(tmp_path_factory.mktemp("toy") / "dino.zarr")


@pytest.fixture
def ocean_store(ocean_store_path):
    """The toy ocean store, opened."""
    from halocline.data.store.store import open_store

    return open_store(ocean_store_path)


@pytest.fixture
def oxygen(monkeypatch):
    """A variable on levels of the user's own, while the test runs."""
    from halocline.data.fields import variables

    monkeypatch.setitem(variables._known(), "o2", OXYGEN)


@pytest.fixture
def cluster():
    """Address of a dask cluster of two workers in this process."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, protocol="inproc://"
    ) as started:
        yield started.scheduler_address


@pytest.fixture(scope="session")
def model_path(store_path, tmp_path_factory):
    """A toy model in the latent space, trained for seconds in fp32."""
    return _train(store_path, tmp_path_factory.mktemp("models") / "latent", [])


@pytest.fixture(scope="session")
def data_space_model_path(store_path, tmp_path_factory):
    """A toy model in data space with the lift."""
    return _train(store_path, tmp_path_factory.mktemp("models") / "data", ["space=data", "bounds=lift"])


@pytest.fixture(scope="session")
def ocean_model_path(ocean_store_path, tmp_path_factory):
    """A toy ocean model, conditioned on season and forcing, trained for seconds in fp32."""
    return _train(ocean_store_path, tmp_path_factory.mktemp("models") / "ocean", [], OCEAN_RECIPE)


def _train(store_path, out, overrides, recipe=TOY_RECIPE):
    from halocline.data.store.store import open_store
    from halocline.runtime.device import choose_compute
    from halocline.systems.config import load_config
    from halocline.systems.training import train

    config = load_config(str(recipe), overrides)
    return train(config, open_store(store_path), out, choose_compute("cpu", "fp32"), command="toy", quiet=True)
