"""Forecasts from drawn states: the weather is the store's, the truth wins, replacement keeps one mask."""

import numpy as np
import pytest

from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError, InputError
from halocline.trials.ice.climate import IceClimate
from halocline.trials.ice.replaced import with_replaced
from halocline.trials.ice.replay import Replay
from halocline.trials.ice.skill import errors_of, fields_of, forecast_skill, nearest_state, starts_for, starts_of
from tests.toy import toy_store
from tests.trials.toy_ice import simulated_store

pytest.importorskip("numba")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(simulated_store(tmp_path_factory.mktemp("ice") / "two-weeks.zarr"))


def test_replaced_states_have_one_mask(store):
    truth, other = fields_of(store, (0, 20)), fields_of(store, (1, 3))
    other = {name: values.copy() for name, values in other.items()}
    for values in other.values():
        values[:32] = 0.0  # half of it has no ice
    made = with_replaced(truth, other, ("sit", "sid", "siu", "siv"))
    ice = truth["sic"] > 0
    np.testing.assert_array_equal(made["sic"], truth["sic"])
    np.testing.assert_array_equal(made["snt"], truth["snt"])
    for name in ("sit", "sid", "siu", "siv"):
        assert not made[name][~ice].any()
        np.testing.assert_array_equal(made[name][:32], truth[name][:32])
    both = ice & (other["sic"] > 0.01)
    np.testing.assert_allclose(
        (made["sit"][both] / made["sic"][both]), other["sit"][both] / other["sic"][both], rtol=1e-5
    )
    np.testing.assert_array_equal(made["sid"][both], other["sid"][both])
    with pytest.raises(ConfigError, match="sic"):
        with_replaced(truth, other, ("sic",))


def test_the_truth_forecasts_itself_best(store):
    samples = [(0, 16), (1, 18)]
    drawn = [fields_of(store, (1 - m, k)) for m, k in samples]
    skill = forecast_skill(store, samples, drawn, days=2.0)
    told = []
    both = forecast_skill(store, samples[::-1], drawn[::-1], days=2.0, jobs=2, report=told.append)
    for key, values in skill.squares.items():
        np.testing.assert_array_equal(both.squares[key][::-1], values)
    assert told[-1] == 2
    assert skill.leads.tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    for name in ("sit", "sic", "sid", "drift", "iiee"):
        own = skill.error("truth", name)[0]
        assert own[0] == pytest.approx(0.0, abs=1e-9)
        for way in ("climatology", "drawn thickness, damage, drift"):
            assert skill.error(way, "sit")[0][-1] > 5 * skill.error("truth", "sit")[0][-1]
    assert skill.error("climatology", "drift")[0][-1] > skill.error("truth", "drift")[0][-1]
    assert skill.error("no damage", "sid")[0][0] > 0.1
    value, low, high = skill.ratio("truth", "no damage", "drift")
    assert low[-1] <= value[-1] <= high[-1] < 1.0


def test_a_store_whose_weather_is_another_is_refused(store, tmp_path):
    replay = Replay.of(store)
    with pytest.raises(InputError, match="made by another version"):
        Replay(**{**vars(replay), "seed": 99}).memories(0, [2])
    with pytest.raises(InputError, match="simulate arctic"):
        Replay.of(open_store(toy_store(tmp_path / "toy.zarr")))


def test_errors_by_hand(store):
    truth = fields_of(store, (0, 20))
    state = {name: values.astype(np.float64) for name, values in truth.items()}
    area, ocean = store.grid.area, store.grid.mask
    assert set(errors_of(state, truth, area, ocean).values()) == {0.0}
    ice = truth["sic"] > 0.15
    state["sit"] = np.where(ice, state["sit"] + 0.5, state["sit"])
    state["siu"] = state["siu"] + 0.03
    found = errors_of(state, truth, area, ocean)
    assert found["sit"] == pytest.approx(0.25)
    assert found["drift"] == pytest.approx(9e-4)
    assert found["deformation"] == pytest.approx(0.0, abs=1e-20)


def test_the_nearest_training_state_is_itself_if_it_is_one(store):
    climate = IceClimate(store)
    sample = climate.samples_near(0.0)[1]
    found = nearest_state(climate, fields_of(store, sample), 0.0)
    np.testing.assert_array_equal(found["sit"], fields_of(store, sample)["sit"])


def test_starts_lie_in_the_split_with_all_their_days(store):
    found = starts_of(store, 4, 3.0)
    assert all(store.hours[index] + 72 <= 324 for _, index in found)
    assert {member for member, _ in found} == {0, 1}
    chosen = starts_for(store, [8.0, 8.0, 9.5], 2.0)
    assert chosen == [(0, 16), (1, 16), (0, 19)]
    with pytest.raises(InputError, match="fewer starts"):
        starts_of(store, 1000, 3.0)
