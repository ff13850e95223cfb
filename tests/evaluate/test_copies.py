"""The copy test finds planted copies, also of states it has not in memory, and spares independent ones."""

from dataclasses import replace

import numpy as np
import pytest

from halocline.data.store.splits import samples_of
from halocline.evaluate.engine.samples import read_states, thinned
from halocline.evaluate.ice.families.copies import COPY_RATIO, AnomalySpace, CopyScores, neighbours_of
from tests.evaluate.toy_arctic import CHANNELS, GRID, perfect


def copy_test(store, limit):
    pairs = thinned(samples_of(store, "train"), limit)
    training = read_states(store, pairs, CHANNELS)
    return CopyScores.against(
        GRID, training, neighbours_of(store, pairs), lambda some: read_states(store, some, CHANNELS).values
    )


def test_noisy_copies_are_found(reference):
    family = copy_test(reference, 10_000)
    chosen = samples_of(reference, "train")[1::12]
    copies = read_states(reference, chosen, CHANNELS).values
    noise = np.random.default_rng(0).standard_normal(copies.shape).astype(np.float32)
    found = family.nearest(copies + 0.01 * noise * GRID.mask)
    assert found.pair == chosen
    assert (found.ratio < COPY_RATIO).all()


def test_copies_of_slowly_changing_states_are_found_between_those_in_memory(slow_reference):
    """Where neighbours in time resemble each other, the nearest in memory leads to the copied state itself."""
    store = slow_reference
    family = copy_test(store, 30)
    chosen = samples_of(store, "train")[2::7]
    found = family.nearest(read_states(store, chosen, CHANNELS).values)
    assert found.pair == chosen
    assert found.first.max() < 1e-3
    assert (found.ratio < COPY_RATIO).all()


def test_independent_states_are_no_copies(reference):
    family = copy_test(reference, 10_000)
    summary = family.summary(perfect(40, seed=7))
    assert summary[:, 0].sum() == 0
    assert summary[:, 1].min() > 0.5


def test_share_of_copies_is_the_share_planted(reference):
    family = copy_test(reference, 10_000)
    states = perfect(20, seed=8)
    states[:5] = read_states(reference, samples_of(reference, "train")[:50:10], CHANNELS).values
    assert family.summary(states)[:, 0].mean() == pytest.approx(0.25)


def test_the_seasonal_cycle_is_taken_out(reference):
    """Monthly means differ by the seasonal cycle and the noise of a few samples: most of the difference goes."""
    training = read_states(reference, samples_of(reference, "train"), CHANNELS)
    space = AnomalySpace.of(GRID, training)
    monthly = np.stack([training.values[training.months == m].mean(axis=0) for m in range(12)])
    plain = (monthly[..., GRID.mask].reshape(12, -1) - space.mean) * space.scale
    kept = np.linalg.norm(space(monthly) - space(monthly).mean(axis=0), axis=1)
    assert kept.max() < 0.4 * np.linalg.norm(plain - plain.mean(axis=0), axis=1).max()
    assert space.patterns @ space.patterns.T == pytest.approx(np.eye(len(space.patterns)), abs=1e-4)
    assert np.abs(space(training.values) @ space.patterns.T).max() < 1e-3


def test_states_of_one_month_have_no_seasonal_cycle(reference):
    """As in a store of a few weeks: nothing is taken out."""
    training = read_states(reference, samples_of(reference, "train"), CHANNELS)
    one = replace(training, hours=np.zeros_like(training.hours))
    space = AnomalySpace.of(GRID, one)
    assert space.patterns.shape == (0, space.mean.size)
    assert space.seasons(perfect(3)).shape == (3, 0)
    assert space(perfect(3)).shape == (3, space.mean.size)
