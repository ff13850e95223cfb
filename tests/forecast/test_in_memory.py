"""Forecasts of datasets in memory: the same numbers as from files, scored without a file."""

import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.data.store.store import open_store
from halocline.evaluate.score import score
from halocline.runtime.errors import InputError
from halocline.systems.loading import load
from tests.surrogate_toy import STATE

pytestmark = [
    pytest.mark.filterwarnings("ignore::halocline.chain.forecast.air_history.ShortHistory"),
    pytest.mark.filterwarnings("ignore::halocline.chain.forecast.request.OutsideTraining"),
]


@pytest.fixture(scope="module")
def model(surrogate_folder):
    return load(surrogate_folder)


@pytest.fixture(scope="module")
def state(weather_store):
    """One state of the store as a dataset without a file: (y, x)."""
    return hl.open_states(weather_store).isel(member=0, time=8).load()


def test_a_dataset_is_stepped_as_the_store_it_is_from(model, weather_store, state, tmp_path):
    about = {"start": "2000-01-05", "days": 1.0, "members": 2, "seed": 3, "quiet": True}
    held = model.forecast(state, forcing=weather_store, **about)
    written = model.forecast(weather_store, out=tmp_path / "f.zarr", **about)
    assert held.sizes == written.sizes
    for name in STATE:
        np.testing.assert_array_equal(held[name].values, written[name].values)
    assert np.nanstd(held["sit"].values) > 0


def test_a_forecast_in_memory_goes_on_and_is_scored(model, weather_store):
    first = model.forecast(weather_store, start="2000-01-03", days=1.0, members=2, quiet=True)
    onward = model.forecast(first, forcing=weather_store, days=1.0, members=2, quiet=True)
    assert str(onward["start"].values[0]) == "2000-01-04 00:00:00"
    card = score(first, open_store(weather_store), replicates=5)
    assert "rmse_ocean" in set(card.to_dataframe()["id"])


def test_a_baseline_is_a_model_like_another(weather_store, state):
    still = hl.load("persistence").forecast(state, start="2000-01-05", days=1.0, members=1, quiet=True)
    assert isinstance(still, xr.Dataset)
    np.testing.assert_array_equal(still["sit"].values[0, 0, -1], state["sit"].values)


def test_a_state_in_memory_without_a_date_is_asked_for_one(model, weather_store, state):
    with pytest.raises(InputError, match="start in memory"):
        model.forecast(state.drop_vars("time"), forcing=weather_store, days=1.0, quiet=True)
