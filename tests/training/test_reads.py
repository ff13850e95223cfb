"""A training reads each state from disk once: statistics, contents, patterns, latents and samples share it."""

from collections import Counter

import numpy as np
import pytest

from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore, open_store
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE, _train
from tests.surrogate_toy import surrogate_store, toy_surrogate

SHORT = ["denoiser.training.samples=16"]


@pytest.fixture
def reads(monkeypatch):
    """How often each (member, index) was read from disk."""
    found = Counter()
    read, read_range = StateStore.read, StateStore.read_range

    def counted(store, member, index):
        found[member, index] += 1
        return read(store, member, index)

    def counted_range(store, member, first, last):
        found.update((member, index) for index in range(first, last))
        return read_range(store, member, first, last)

    monkeypatch.setattr(StateStore, "read", counted)
    monkeypatch.setattr(StateStore, "read_range", counted_range)
    return found


def test_an_ocean_training_reads_each_state_once(ocean_store_path, tmp_path, reads):
    _train(ocean_store_path, tmp_path / "model", SHORT, OCEAN_RECIPE)
    store = open_store(ocean_store_path)
    assert set(samples_of(store, "train")) <= set(reads)
    assert not set(reads) & set(samples_of(store, "test"))
    assert set(reads.values()) == {1}


def test_an_ice_training_reads_each_state_once(store_path, tmp_path, reads):
    _train(store_path, tmp_path / "model", [*SHORT, "autoencoder.training.samples=16"], TOY_RECIPE)
    assert set(reads.values()) == {1}


def test_a_surrogate_packs_each_state_once(tmp_path, reads):
    path = surrogate_store(tmp_path / "data.zarr")
    reads.clear()
    toy_surrogate(path, tmp_path / "model", ["training.samples=12"])
    store = open_store(path)
    assert len(reads) == store.members * len(store.hours)
    assert set(reads.values()) == {1}


def test_what_does_not_fit_in_memory_is_read_again(ocean_store, reads):
    size = ocean_store.read(0, 0).nbytes
    reads.clear()
    store = ocean_store.remembering(limit=size)
    for _ in range(3):
        kept, other = store.read(0, 0), store.read(0, 1)
    assert reads == {(0, 0): 1, (0, 1): 3}
    assert not kept.flags.writeable
    assert not np.array_equal(kept, other)
