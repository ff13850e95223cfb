"""Norms, trends and limits."""

import numpy as np
import pytest

from halocline.spinup.criterion import Criterion, Equilibrium, equilibrium_of, trend, window_figures
from halocline.spinup.metric import Metric
from halocline.worlds.dino.parameters import ForcingParameters
from tests.spinup.toy_veros import GRID, equilibrium

METRIC = Metric(GRID, np.array([np.linspace(5, 0.3, 8), np.linspace(0.5, 0.01, 8)]))
STATE = equilibrium(ForcingParameters())
REFERENCE = Equilibrium("cold", STATE, 150.0, 8.0, 300.0, {})


def _years(drift=0.0, offset=0.0, acc=150.0):
    """Ten years that drift in temperature (K a decade) about a constant offset, everywhere."""
    years = np.arange(10) - 4.5
    states = STATE + (offset + drift * years / 10)[:, None, None, None, None] * np.array([1, 0.0])[:, None, None, None]
    return states, [{"acc": acc, "moc_upper": 8.0}] * 10


def test_norms_weigh_by_volume():
    shift = np.zeros_like(STATE)
    shift[0, METRIC.upper] = 3.0
    rms = METRIC.rms(shift)
    share = GRID.volume[METRIC.upper].sum() / GRID.volume.sum()
    assert rms["thetao"] == pytest.approx(3.0 * np.sqrt(share))
    assert rms["thetao_upper"] == pytest.approx(3.0)
    assert rms["so"] == rms["so_upper"] == 0.0
    assert 0.2 < share < 0.3
    dry = np.where(GRID.wet, shift, np.nan)
    assert METRIC.rms(dry) == rms, "dry cells do not matter"


def test_slow_differences_are_zonal_means_in_units_of_the_levels():
    scaled = np.broadcast_to(METRIC.scales[:, :, None, None], STATE.shape)
    assert np.linalg.norm(METRIC.slow(scaled)) == pytest.approx(np.sqrt(2.0)), "1 for each variable"
    wave = np.cos(2 * np.pi * np.arange(8) / 8)
    channel = (GRID.lat[:, 0] > -60) & (GRID.lat[:, 0] < -50)
    moving = np.where(channel[:, None], wave[None, :], 0.0) * np.ones_like(STATE)
    full = GRID.wet.all(axis=2)  # rows that are wet all round: a whole wave has no mean there
    assert np.abs(METRIC.slow(np.where(full[:, :, None], moving, 0.0))).max() < 1e-12
    assert METRIC.rms(moving)["thetao"] > 0.05


def test_trends_are_slopes_a_decade():
    values = 3.0 + 0.2 * np.arange(10)
    assert trend(values) == pytest.approx(2.0)
    assert trend(np.stack([values, -values], axis=1)) == pytest.approx([2.0, -2.0])


def test_an_ocean_at_rest_in_the_right_place_is_in_equilibrium():
    figures = window_figures(METRIC, *_years(), [REFERENCE])[0]
    assert Criterion().misses(figures, "whole") == []
    assert Criterion().misses(figures, "upper") == []


@pytest.mark.parametrize(
    ("years", "missed"),
    [
        ({"offset": 0.3}, {"distance_thetao"}),  # a stalled but wrong state
        ({"drift": 0.05}, {"drift_thetao"}),  # one that passes by
        ({"acc": 160.0}, {"acc"}),
    ],
)
def test_every_limit_counts(years, missed):
    figures = window_figures(METRIC, *_years(**years), [REFERENCE])[0]
    assert {name.removesuffix("_upper") for name in Criterion().misses(figures, "whole")} == missed
    assert {name.removesuffix("_upper") for name in Criterion().misses(figures, "upper")} == missed


def test_the_deep_ocean_counts_for_the_whole_and_not_for_the_upper():
    states, series = _years()
    states[:, 0, ~METRIC.upper] += 0.3
    figures = window_figures(METRIC, states, series, [REFERENCE])[0]
    assert Criterion().misses(figures, "upper") == []
    assert Criterion().misses(figures, "whole") == ["distance_thetao"]


def test_the_nearest_of_several_equilibria_counts():
    states, series = _years(offset=0.3, acc=160.0)
    other = Equilibrium("own", STATE + np.array([0.35, 0.0])[:, None, None, None], 161.0, 8.0, 300.0, {})
    figures, near = window_figures(METRIC, states, series, [REFERENCE, other])
    assert near == "own"
    assert figures["distance_thetao"] == pytest.approx(0.05)
    assert figures["acc"] == pytest.approx(-1.0)
    assert Criterion().misses(figures, "whole") == []


def test_figures_that_are_not_numbers_are_no_equilibrium():
    figures = window_figures(METRIC, *_years(acc=np.nan), [REFERENCE])[0]
    assert Criterion().misses(figures, "upper") == ["acc"]


def test_an_equilibrium_knows_its_own_drift():
    found = equilibrium_of("cold", METRIC, *_years(drift=0.01), 300.0)
    assert found.drift["drift_thetao"] == pytest.approx(0.01)
    assert np.allclose(found.state, STATE)
    assert (found.acc, found.moc, found.years) == (150.0, 8.0, 300.0)
