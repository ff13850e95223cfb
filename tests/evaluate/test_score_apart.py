"""Scores of sea-ice states by other processes, or by a dask cluster: the numbers of one process to the bit."""

import pickle
import threading

import numpy as np
import pytest

import halocline as hl
from halocline.data.store.store import open_store
from halocline.evaluate.engine import disk_states
from halocline.evaluate.engine.disk_states import DiskStates
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.bounds import BoundScores
from halocline.runtime.errors import ConfigError, HaloclineError, InputError
from tests.evaluate.toy_arctic import CHANNELS, GRID, as_dataset, perfect, reference_store


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A store of two held-out member-years of a state every 30 days."""
    return reference_store(tmp_path_factory.mktemp("small") / "data.zarr", members=2, interval_days=30)


@pytest.fixture
def ten_at_a_time(monkeypatch):
    monkeypatch.setattr(disk_states, "BATCH_VALUES", 10 * len(CHANNELS) * GRID.mask.size)


def numbers(card):
    return [(row.id, row.variable, row.value, row.low, row.high, row.floor, row.reference) for row in card.rows]


def test_on_a_cluster(small, ten_at_a_time, cluster, tmp_path, monkeypatch):
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path / "scratch"))
    states, done, here = as_dataset(perfect(40)), [], []
    found = hl.score(states, small, replicates=20)
    monkeypatch.setattr(BoundScores, "summary", _counting(BoundScores.summary, done))
    there = hl.score(states, small, replicates=20, dask=cluster, report=lambda at, words: here.append((at, words)))
    assert done == [False] * (4 + 3)  # ten at a time of 40 states, and of two halves of 13
    assert np.array_equal(np.array(numbers(found), str), np.array(numbers(there), str))
    assert here == sorted(here, key=lambda told: told[0])
    assert not list((tmp_path / "scratch").iterdir())


def _counting(function, calls):
    def counted(self, states):
        calls.append(threading.current_thread() is threading.main_thread())
        return function(self, states)

    return counted


@pytest.mark.slow
def test_in_processes(small, ten_at_a_time, tmp_path, monkeypatch):
    monkeypatch.setenv("HALOCLINE_SCRATCH", str(tmp_path))
    states = as_dataset(perfect(40))
    there = hl.score(states, small, replicates=20, jobs=2)
    here = hl.score(states, small, replicates=20)
    assert np.array_equal(np.array(numbers(here), str), np.array(numbers(there), str))
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


def test_a_worker_that_does_not_see_the_files_says_so(tmp_path):
    states = DiskStates.of((1, 1, 2, 2), [np.ones((1, 1, 2, 2))], tmp_path)
    told = pickle.dumps(states)
    assert pickle.loads(told)[0].sum() == 4
    states.path.unlink()
    with pytest.raises(InputError, match="HALOCLINE_SCRATCH"):
        pickle.loads(told)[0]
    with pytest.raises(TypeError, match="without a name"):
        pickle.dumps(DiskStates.of((1, 1, 2, 2), [np.ones((1, 1, 2, 2))]))


def test_other_kinds_of_states_are_refused(ocean_store_path):
    with pytest.raises(ConfigError, match="--dask with sea-ice states"):
        hl.score(ocean_store_path, ocean_store_path, dask="tcp://nowhere:1")
    with pytest.raises(ConfigError, match="--jobs with sea-ice states"):
        hl.score(ocean_store_path, ocean_store_path, jobs=2)
