"""Batches: every sample once an epoch, a function of (seed, step)."""

import numpy as np

from halocline.data.codecs.standard import Codec
from halocline.data.sampling import samples as batches
from halocline.data.sampling.samples import BatchOrder, Samples


def test_an_epoch_is_a_permutation():
    order = BatchOrder(50, 10, seed=3)
    epoch = np.concatenate([order.numbers(step) for step in range(5)])
    assert sorted(epoch) == list(range(50))
    second = np.concatenate([order.numbers(step) for step in range(5, 10)])
    assert not np.array_equal(epoch, second)


def test_batches_depend_on_seed_and_step_only():
    fresh, used = BatchOrder(37, 8, seed=1), BatchOrder(37, 8, seed=1)
    for step in range(30):
        used.numbers(step)
    np.testing.assert_array_equal(fresh.numbers(12), used.numbers(12))
    assert not np.array_equal(fresh.numbers(0), BatchOrder(37, 8, seed=2).numbers(0))


def test_cached_and_streamed_samples_are_equal(store, monkeypatch):
    codec = Codec.from_statistics(store.channels, store.statistics, store.grid.mask, "lift")
    cached = Samples(store, "validation", codec)
    monkeypatch.setattr(batches, "MEMORY_LIMIT", 0)
    streamed = Samples(store, "validation", codec)
    numbers = np.array([3, 0, 11])
    np.testing.assert_array_equal(cached.take(numbers), streamed.take(numbers))
