"""One reference store and one scorecard for all tests of evaluation."""

import pytest

from halocline.data.store.store import open_store
from halocline.evaluate.ice.evaluate import evaluate
from tests.evaluate.toy_arctic import as_dataset, perfect, reference_store


@pytest.fixture(scope="session")
def reference_path(tmp_path_factory):
    return reference_store(tmp_path_factory.mktemp("reference") / "data.zarr")


@pytest.fixture(scope="session")
def reference(reference_path):
    return open_store(reference_path)


@pytest.fixture(scope="session")
def good_card(reference):
    """Scorecard of a perfect generator."""
    return evaluate(as_dataset(perfect(64)), reference)


@pytest.fixture(scope="session")
def slow_reference(tmp_path_factory):
    """A store whose states change slowly: each is a blend of random states 40 days apart."""
    import numpy as np

    from halocline.data.store.statistics import finish_store
    from halocline.data.store.writer import StoreWriter, create_store
    from tests.evaluate.toy_arctic import CHANNELS, GRID
    from tests.toy import toy_sample

    path = tmp_path_factory.mktemp("slow") / "data.zarr"
    days = np.arange(0, 3 * 365, 5)
    create_store(path, GRID, CHANNELS, 1, days * 24, {"world": "slow toy"})
    writer = StoreWriter(path)
    knots = np.stack([toy_sample(GRID, 40 * k % 365, "knot", k) for k in range(30)])
    for index, day in enumerate(days):
        k, rest = divmod(int(day), 40)
        writer.write(0, index, knots[k] + (knots[k + 1] - knots[k]) * np.float32(rest / 40))
    finish_store(path)
    return open_store(path)


@pytest.fixture(scope="session")
def slow_store(tmp_path_factory):
    """Two members, three years, every five days; states that change slowly."""
    from tests.evaluate.forecast import toy_forecast

    return open_store(toy_forecast.slow_store(tmp_path_factory.mktemp("slow") / "store.zarr"))
