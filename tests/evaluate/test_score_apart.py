"""Scores by other processes, or by a dask cluster: the numbers of one process to the bit."""

import dataclasses
import pickle
import threading

import numpy as np
import pytest

import halocline as hl
from halocline.data.store.store import open_store
from halocline.evaluate.engine import disk_states
from halocline.evaluate.engine.disk_states import DiskStates
from halocline.evaluate.engine.family import Label
from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.lead import LeadInputs
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.bounds import BoundScores
from halocline.runtime.errors import HaloclineError, InputError
from tests.evaluate.forecast.toy_forecast import slow_store, toy_forecast
from tests.evaluate.toy_arctic import CHANNELS, GRID, as_dataset, perfect, reference_store


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A store of two held-out member-years of a state every 30 days."""
    return reference_store(tmp_path_factory.mktemp("small") / "data.zarr", members=2, interval_days=30)


@pytest.fixture
def ten_at_a_time(monkeypatch):
    monkeypatch.setattr(disk_states, "BATCH_VALUES", 10 * len(CHANNELS) * GRID.mask.size)


def numbers(card):
    return np.array([[str(value) for value in dataclasses.astuple(row)] for row in card.rows])


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A store of three years, and the path of a forecast of a year of two members from it."""
    folder = tmp_path_factory.mktemp("slow")
    store = open_store(slow_store(folder / "data.zarr"))
    leads = (0, 120, 240, *range(960, 8761, 480))
    toy_forecast(store, (1, 2), starts=((0, 146), (1, 146)), leads=leads[:-1]).to_netcdf(folder / "forecast.nc")
    return store, folder / "forecast.nc"


def test_on_a_cluster(small, ten_at_a_time, cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    states, done, here = as_dataset(perfect(40)), [], []
    found = hl.score(states, small, replicates=20)
    monkeypatch.setattr(BoundScores, "summary", _counting(BoundScores.summary, done))
    there = hl.score(states, small, replicates=20, dask=cluster, report=lambda at, words: here.append((at, words)))
    assert done == [False] * (4 + 3)  # ten at a time of 40 states, and of two halves of 13
    assert np.array_equal(numbers(found), numbers(there))
    assert here == sorted(here, key=lambda told: told[0])
    assert not list((tmp_path / "scratch").iterdir())


def _counting(function, calls):
    def counted(self, *arguments):
        calls.append(threading.current_thread() is threading.main_thread())
        return function(self, *arguments)

    return counted


def test_oceans_on_a_cluster(ocean_store_path, cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setattr(disk_states, "BATCH_VALUES", 10 * 11 * 64)
    there = hl.score(ocean_store_path, ocean_store_path, replicates=10, dask=cluster)
    assert np.array_equal(numbers(hl.score(ocean_store_path, ocean_store_path, replicates=10)), numbers(there))
    assert not list((tmp_path / "scratch").iterdir())


def test_forecasts_on_a_cluster(slow, cluster, monkeypatch):
    store, path = slow
    here, read = hl.score(path, store, replicates=10), []
    monkeypatch.setattr(LeadInputs, "scores", _counting(LeadInputs.scores, read))
    there = hl.score(path, store, replicates=10, dask=cluster)
    assert here.long_run is not None
    assert len(here.rows) > 100
    assert np.array_equal(numbers(here), numbers(there))
    assert read == [False] * 4  # leads up to 45 days
    for name in ("ranks", "spectra", "deformation"):
        assert list(getattr(here.pictures, name)) == list(getattr(there.pictures, name))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ice", "ocean", "forecast"])
def test_in_processes(kind, small, slow, ocean_store_path, ten_at_a_time, tmp_path, monkeypatch):
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path))
    states, store = {
        "ice": (as_dataset(perfect(40)), small),
        "ocean": (ocean_store_path, ocean_store_path),
        "forecast": slow[::-1],
    }[kind]
    there = hl.score(states, store, replicates=20, jobs=2)
    assert np.array_equal(numbers(hl.score(states, store, replicates=20)), numbers(there))
    assert not list(tmp_path.iterdir())


def test_an_error_of_a_worker_is_the_error(small, ten_at_a_time, cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path))

    def failing(self, states):
        raise HaloclineError("a piece", found="nothing", expected="something", remedy="Try again.")

    monkeypatch.setattr(BoundScores, "summary", failing)
    with pytest.raises(HaloclineError, match="a piece: found nothing"):
        evaluate(as_dataset(perfect(8)), open_store(small), dask=cluster)
    assert not list(tmp_path.iterdir())


def test_families_of_others_are_worked_out_here(small, cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path))

    class Mean:
        labels = ()

        def __reduce__(self):
            raise AssertionError("sent to a worker")

        def summary(self, states):
            return states.mean(axis=(1, 2, 3))[:, None]

        def scores(self, a, b):
            return a

    monkeypatch.setitem(ICE_SCORES._things, "mean", lambda sets: [Mean()])
    assert evaluate(as_dataset(perfect(8)), open_store(small), replicates=5, dask=cluster).rows


def test_families_of_others_score_forecasts_here(slow, cluster, monkeypatch):
    store, path = slow

    class Mean:
        labels = (Label("mean_of_all", "mean of all", "all", "1", "zero"),)

        def __reduce__(self):
            raise AssertionError("sent to a worker")

        def summary(self, ensemble, truth, moment):
            return np.array([ensemble.mean() - truth.mean()])

        def scores(self, mean):
            return mean

    monkeypatch.setitem(FORECAST_SCORES._things, "mean", lambda ensembles: [Mean()])
    here, there = (hl.score(path, store, replicates=10, dask=address) for address in (None, cluster))
    assert "mean of all" in {row.score for row in there.rows}
    assert np.array_equal(numbers(here), numbers(there))


def test_a_worker_that_does_not_see_the_files_says_so(tmp_path):
    states = DiskStates.of((1, 1, 2, 2), [np.ones((1, 1, 2, 2))], tmp_path)
    told = pickle.dumps(states)
    assert pickle.loads(told)[0].sum() == 4
    states.path.unlink()
    with pytest.raises(InputError, match="HALOCLINE_SCRATCH"):
        pickle.loads(told)[0]
    with pytest.raises(TypeError, match="without a name"):
        pickle.dumps(DiskStates.of((1, 1, 2, 2), [np.ones((1, 1, 2, 2))]))
