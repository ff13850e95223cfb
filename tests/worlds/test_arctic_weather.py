"""The synthetic weather: a function of its key, with the strength and memory of Arctic weather."""

import numpy as np
import pytest

from halocline.data.grids.projection import to_grid
from halocline.worlds.arctic.domain import PROJECTION, arctic_domain, arctic_grid
from halocline.worlds.arctic.weather.currents import surface_current
from halocline.worlds.arctic.weather.radiation import insolation, longwave_down, specific_humidity
from halocline.worlds.arctic.weather.synthetic import SyntheticWeather


def weather(seed=1, member=0, warming=0.0, resolution=100):
    return SyntheticWeather(arctic_domain(resolution), seed, member, warming)


def test_weather_is_a_function_of_seed_member_and_step():
    first, again, other, member = weather(), weather(), weather(seed=2), weather(member=1)
    for step in range(-3, 3):
        a, b, c, d = (w.at(step) for w in (first, again, other, member))
    np.testing.assert_array_equal(a.u10, b.u10)
    np.testing.assert_array_equal(a.t2m, b.t2m)
    for different in (c, d):
        assert abs(np.corrcoef(a.u10.ravel(), different.u10.ravel())[0, 1]) < 0.95
        assert np.abs(a.u10 - different.u10).max() > 3


def test_memory_continues_bit_identically():
    straight, stopped = weather(), weather()
    for step in range(5):
        straight.at(step)
        stopped.at(step)
    fresh = weather()
    fresh.recall({name: values.copy() for name, values in stopped.memory().items()})
    for step in range(4, 9):
        a, b = straight.at(step), fresh.at(step)
        for name in ("t2m", "q2m", "u10", "v10_corner", "cloud"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_finer_grids_see_the_same_weather():
    coarse, fine = weather(), weather(resolution=50)
    a, b = coarse.at(0), fine.at(0)
    mean = b.u10.reshape(64, 2, 64, 2).mean((1, 3))
    assert np.corrcoef(mean.ravel(), a.u10.ravel())[0, 1] > 0.99


@pytest.fixture(scope="module")
def winter():
    source = weather(seed=3)
    polar = arctic_grid(100).lat > 75
    airs = [source.at(step) for step in range(240)]
    return np.stack([(a.u10 + 1j * a.v10)[polar] for a in airs]), np.stack([a.t2m[polar] for a in airs])


def test_wind_has_arctic_strength_and_memory(winter):
    wind, _ = winter
    speed = np.abs(wind)
    assert 5.0 < speed.mean() < 8.5
    assert 12 < np.percentile(speed, 99) < 22
    anomaly = wind - wind.mean(0)

    def memory(lag):
        return ((anomaly[lag:] * np.conj(anomaly[:-lag])).real.mean()) / (np.abs(anomaly) ** 2).mean()

    assert 0.7 < memory(1) < 0.95
    assert 0.3 < memory(4) < 0.65
    assert memory(4) > memory(8) > -0.1


def test_winter_is_cold(winter):
    assert -34 < winter[1].mean() - 273.15 < -20


def test_summer_is_flat_at_melting():
    july = weather(seed=3).at(200 * 4).t2m[arctic_grid(100).lat > 80] - 273.15
    assert -2.0 < july.mean() < 2.0
    assert july.std() < 2.0


def test_warming_is_linear():
    cold, warm = weather().at(1460 * 5), weather(warming=2.0).at(1460 * 5)
    np.testing.assert_allclose(warm.t2m - cold.t2m, 1.0, atol=1e-9)


def test_insolation_at_the_pole():
    assert insolation(np.array(90.0), 172.0) == pytest.approx(524, rel=0.02)  # W/m2, Hartmann 2016, figure 2.6
    assert insolation(np.array(90.0), 355.0) == 0.0
    assert insolation(np.array(0.0), 80.0) == pytest.approx(437, rel=0.02)


def test_longwave_of_an_arctic_winter_night():
    t = np.array(243.15)
    assert 150 < longwave_down(t, specific_humidity(t, 0.88), np.array(0.5)) < 190


def test_currents_turn_and_export():
    grid = arctic_grid(50)
    u, v = surface_current(grid.x, grid.y)
    east, north = to_grid(u, v, -PROJECTION.turn(grid.lon, grid.lon))
    fram = (abs(grid.lat - 79) < 0.6) & (abs(grid.lon + 6) < 6)
    assert north[fram].mean() < -0.03
    beaufort = (abs(grid.lat - 73) < 0.6) & (abs(grid.lon + 150) < 8)
    assert east[beaufort].mean() < -0.01  # the south of a clockwise gyre
    assert np.hypot(u, v).max() < 0.25
