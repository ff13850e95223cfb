"""Long runs whose climate, anomalies and trend are known."""

import numpy as np
import pytest

from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import forecast_of
from halocline.evaluate.forecast.longrun_scores import climate_rows
from halocline.evaluate.forecast.longrun_series import LongRun
from halocline.evaluate.forecast.months import by_month
from tests.evaluate.forecast.toy_forecast import STEP, toy_forecast

NAMES = ("ice_extent",)


def _run(forecast, truth, climate=None):
    """A run of one number; forecast and truth (year, month)."""
    years = len(truth)
    climate = truth if climate is None else climate
    return LongRun(
        names=NAMES,
        start=np.zeros(years, int),
        year=np.arange(years),
        forecast=np.stack([forecast, forecast], axis=1)[..., None],
        truth=truth[..., None],
        climate=climate[..., None],
    )


def _rows(run):
    weights = np.concatenate(
        [
            np.ones((1, len(run.year))),
            np.random.default_rng(0).multinomial(len(run.year), np.full(len(run.year), 1 / len(run.year)), size=30),
        ]
    )
    return {(row.score, row.band, row.source): row for row in climate_rows(run, weights, "run")}


def test_ratio_correlation_and_trend_are_exact():
    random = np.random.default_rng(2)
    season = 10.0 + 4.0 * np.cos(2 * np.pi * np.arange(12) / 12)
    years = np.arange(8.0)[:, None]
    anomalies = random.standard_normal((8, 12))
    truth = season + anomalies - 0.5 * years
    found = _rows(_run(1.1 * truth, truth, climate=np.broadcast_to(season, (3, 12))))
    for month in range(1, 13):
        assert found["ice extent, climatology ratio", f"month {month}", "run"].value == pytest.approx(1.1)
    assert found["ice extent, largest climatology error", "", "run"].value == pytest.approx(0.1)
    assert found["ice extent, anomaly correlation", "", "run"].value == pytest.approx(1.0)
    trend = found["ice extent, trend", "", "run"]
    expected = np.polyfit(np.arange(8.0), truth.mean(axis=1), 1)[0]
    assert trend.truth == pytest.approx(expected)
    assert trend.value == pytest.approx(1.1 * expected)
    assert trend.low <= trend.value <= trend.high
    floor = found["ice extent, climatology ratio", "month 3", "other years"].value
    assert floor == pytest.approx(season[2] / truth[:, 2].mean())


def test_unrelated_anomalies_do_not_correlate():
    random = np.random.default_rng(5)
    first, second = 10.0 + random.standard_normal((2, 40, 12))
    assert abs(_rows(_run(first, second))["ice extent, anomaly correlation", "", "run"].value) < 0.15


def test_without_a_truth_the_cycle_is_compared_with_the_climate():
    season = np.broadcast_to(np.linspace(1.0, 2.0, 12), (4, 12))
    found = _rows(_run(season * 0.9, np.full((4, 12), np.nan), climate=season))
    assert found["ice extent, climatology ratio", "month 7", "run"].value == pytest.approx(0.9)
    assert not any("correlation" in key[0] for key in found)


def test_months_with_few_states_are_left_out():
    hours = np.concatenate([np.arange(0, 730, 24), [730], np.arange(1460, 2190, 24)])
    years, means = by_month(hours + 2 * 8760, np.arange(len(hours), dtype=float)[:, None])
    assert years.tolist() == [2]
    assert np.isfinite(means[0, :, 0]).tolist() == [True, False, True] + 9 * [False]
    assert means[0, 0, 0] == pytest.approx(np.arange(31).mean())


def test_a_long_run_is_scored_from_its_file(slow_store):
    leads = tuple(range(0, 2 * 8760, 2 * STEP))
    forecast = forecast_of(toy_forecast(slow_store, (0, 0), starts=((0, 60),), leads=leads).isel(start=0), "run")
    card = evaluate_forecast(forecast, slow_store, replicates=5)
    assert card.long_run is not None
    rows = {(row.score, row.band): row for row in card.rows if row.source == "run" and np.isnan(row.lead_hours)}
    assert rows["ice extent, largest climatology error", ""].value == pytest.approx(0.0, abs=1e-6)
    assert rows["ice volume, climatology ratio", "month 9"].value == pytest.approx(1.0)
    sharp = [row for row in card.rows if row.score == "small-scale power ratio over a year"]
    assert sharp
    assert all(row.value == pytest.approx(1.0, abs=1e-5) for row in sharp)
    assert card.row("rmse_ocean", "sit", lead_hours=240).value == 0.0  # its first weeks are scored as a forecast
