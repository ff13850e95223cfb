"""Noise with a memory: standard normal at every step, correlated as the formula says, a function of the hour alone."""

from dataclasses import replace

import numpy as np
import pytest

from halocline.chain.forecast.noise import step_noise
from halocline.chain.forecast.stepper import StepContext
from halocline.runtime import keyed

SHAPE = (6, 40, 40)


def moment(hour, members=(0, 3)):
    none = np.zeros((0, 40, 40), np.float32)
    return StepContext(hour, none, none, none, members, 7, 2)


def test_without_memory_it_is_the_noise_of_the_hour():
    expected = keyed.member_normal(7, (0, 3), SHAPE, "forecast", 2, 48)
    np.testing.assert_array_equal(step_noise(moment(48), SHAPE, 12, 0.0), expected)


@pytest.mark.parametrize("memory", [12.0, 48.0])
def test_every_step_is_standard_normal_and_neighbours_are_alike(memory):
    """Correlation at a lag is rho^lag, but for the few per cent of weights that are left out."""
    n = 2 * np.prod(SHAPE)
    series = [step_noise(moment(hour), SHAPE, 12, memory) for hour in range(0, 60, 12)]
    rho = np.exp(-12 / memory)
    for eps in series:
        assert abs(eps.mean()) < 4 / np.sqrt(n) / (1 - rho)
        assert abs(eps.var() - 1) < 4 * np.sqrt(2 / n)
    for lag in (1, 2, 4):
        found = float((series[0] * series[lag]).mean())
        assert found == pytest.approx(rho**lag, abs=4 / np.sqrt(n) + 1e-3)


def test_a_member_and_an_hour_are_the_same_however_they_are_reached():
    both = step_noise(moment(36), SHAPE, 12, 24.0)
    np.testing.assert_array_equal(step_noise(moment(36, (3,)), SHAPE, 12, 24.0)[0], both[1])
    assert abs(float((both[0] * both[1]).mean())) < 0.05


def test_paired_members_have_the_noise_of_an_unpaired_one_and_its_opposite():
    pairs = step_noise(replace(moment(36, (2, 3, 5)), paired=True), SHAPE, 12, 24.0)
    single = step_noise(moment(36, (1, 2)), SHAPE, 12, 24.0)
    np.testing.assert_array_equal(pairs, np.stack([single[0], -single[0], -single[1]]))


def test_a_surrogate_with_memory_spreads_more(surrogate, start_and_grid, weather_of):
    """Same network, same one-step distribution: after several steps members lie farther apart."""
    from halocline.runtime.ranks import Ranks

    start, grid = start_and_grid
    weather, ranks, members = weather_of(start), Ranks(), tuple(range(6))

    def spread(hours):
        stepper, states = replace(surrogate, noise_hours=hours), np.repeat(start.states, 6, axis=0)
        for step in range(4):
            hour = start.hour + 12 * step
            now, later = (weather.read(hour + h, surrogate.forcing) for h in (0, 12))
            at = StepContext(hour, now, later, np.ones((4, *grid.shape), np.float32), members, 5, start.store_member)
            states = stepper.advance(states, at, grid, 64, ranks)
        return float(states[:, 0].var(axis=0, ddof=1)[grid.mask].mean())

    assert spread(48.0) > 1.3 * spread(0.0)
