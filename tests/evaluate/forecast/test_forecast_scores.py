"""Forecasts of known quality, from file to table."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.evaluate.engine.family import Label
from halocline.evaluate.forecast.climate import DailyClimate
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import forecast_of
from halocline.evaluate.forecast.leads import start_weights
from halocline.evaluate.forecast.pairs import pair
from halocline.evaluate.forecast.rate import rows_of, skill_rows
from halocline.evaluate.forecast.references import DampedAnomaly, OtherYears
from tests.evaluate.forecast.toy_forecast import LEADS, STARTS, as_forecast, toy_forecast, truth_forecast
from tests.toy import CHANNELS, toy_grid

SMALL = toy_grid(8, 4e5)


@pytest.fixture(scope="module")
def card(slow_store):
    """The truth as a forecast; beside it persistence, written as a forecast."""
    kept = toy_forecast(slow_store)
    for name in CHANNELS:
        kept[name] = kept[name].copy(data=np.repeat(kept[name].values[:, :, :1], len(LEADS), axis=2))
    return evaluate_forecast(truth_forecast(slow_store), slow_store, beside=[forecast_of(kept, "kept")], replicates=20)


def test_the_truth_gets_the_truths_scores(card):
    own = [row for row in card.rows if row.source == "truth" and np.isfinite(row.truth)]
    assert {row.score for row in own} >= {
        "RMSE",
        "CRPS",
        "bias",
        "ice-edge error (IIEE)",
        "ice extent",
        "spectral power ratio",
        "share out of bounds",
        "histogram distance (W1)",
    }
    for row in own:
        if "skill" in row.score and row.lead_hours == 0:
            continue
        scale = max(abs(row.truth), 1.0)
        assert row.value / scale == pytest.approx(row.truth / scale, abs=2e-2 if row.unit == "m2" else 1e-6), row
    assert card.row("rmse_ocean_skill_over_persistence", "sit", lead_hours=240).value == 1.0


def test_persistence_is_itself(card):
    rows = {source: [r for r in card.rows if r.source == source] for source in ("kept", "persistence")}
    assert len(rows["kept"]) == len(rows["persistence"]) > 50
    for mine, theirs in zip(rows["kept"], rows["persistence"], strict=True):
        same = dataclasses.replace(mine, source="persistence")
        np.testing.assert_equal(dataclasses.astuple(same), dataclasses.astuple(theirs))
    errors = [card.row("rmse_ocean", "sit", lead_hours=lead, source="persistence").value for lead in LEADS]
    assert errors[0] == 0.0 < errors[1] < errors[2]


def test_every_source_is_scored_at_every_lead(card):
    assert card.sources == ("truth", "kept", "persistence", "damped anomaly", "climatology", "other years")
    assert card.lead_hours == list(LEADS)
    for source in card.sources:
        line = card.line("crps_ocean", "sic", source=source)
        np.testing.assert_array_equal(line.lead_hours, LEADS)
        assert (line.low <= line.value + 1e-12).all()
        assert (line.value <= line.high + 1e-12).all()
    assert card.about["rotation_control"] < 1e-6
    assert card.line("crps_ocean", "snow") is None
    with pytest.raises(KeyError, match="no score"):
        card.row("crps_ocean", "snow", lead_hours=0)


def test_table_goes_to_csv_and_json(card, tmp_path):
    card.to_csv(tmp_path / "scores.csv")
    card.to_json(tmp_path / "scores.json")
    lines = list(csv.DictReader((tmp_path / "scores.csv").open()))
    content = json.loads((tmp_path / "scores.json").read_text())
    assert len(lines) == len(content["rows"]) == len(card.rows)
    assert float(lines[5]["value"]) == content["rows"][5]["value"] == card.rows[5].value
    assert content["about"]["starts"] == len(STARTS)


def test_pictures_hold_truth_and_forecast(card, slow_store):
    frames = card.pictures.frames
    np.testing.assert_array_equal(frames.truth, frames.mean)
    np.testing.assert_array_equal(frames.members[:, 0], frames.truth)
    assert card.pictures.film.truth.shape == (len(LEADS), *slow_store.grid.shape)
    for shapes in card.pictures.deformation.values():
        np.testing.assert_allclose(shapes.truth, shapes.forecast)
        assert shapes.truth.sum() > 0


def test_an_ensemble_has_ranks_and_spread(slow_store):
    ensemble = forecast_of(toy_forecast(slow_store, (-1, 1, 2), starts=STARTS[:2]), "ensemble")
    card = evaluate_forecast(ensemble, slow_store, replicates=5)
    assert card.row("spread_ice", "sit", lead_hours=120).value > 0
    assert card.row("outside_ice", "sit", lead_hours=120).value >= 0
    np.testing.assert_allclose(card.pictures.ranks[240.0].sum(axis=1), 1.0)
    means = [row for row in card.rows if row.source == "ensemble mean"]
    assert {row.score for row in means} == {"spectral power ratio", "histogram distance (W1)"}
    assert np.isnan(card.row("rmse_ice", "sit", lead_hours=120).low)
    assert any("too few for intervals" in note for note in card.about["notes"])


def test_a_file_named_like_a_baseline_gets_another_name(slow_store):
    forecast = dataclasses.replace(truth_forecast(slow_store, starts=STARTS[:1]), name="persistence")
    card = evaluate_forecast(forecast, slow_store, replicates=2)
    assert card.sources[:2] == ("persistence (file)", "persistence")


def test_starts_in_training_years_are_told_and_are_not_their_own_floor(slow_store):
    forecast = truth_forecast(slow_store, starts=((0, 20),))
    pairs = pair(forecast, slow_store)
    assert pairs.trained.all()
    others = OtherYears(pairs, slow_store)
    assert others.draws.count == 1  # two training member-years, one of them the truth's own
    state = others.read(0, 1)
    np.testing.assert_array_equal(state[0], slow_store.read(1, 21))


def _small_store(path, members, values):
    """A store of siu on 8 x 8 cells, every five days for three years; ``values(member, hours)`` (time, y, x)."""
    hours = np.arange(0, 3 * 8760, 120)
    create_store(path, SMALL, ("siu",), members, hours, {"world": "toy"})
    writer = StoreWriter(path)
    for member in range(members):
        for index, field in enumerate(values(member, hours)):
            writer.write(member, index, field[None].astype(np.float32))
    finish_store(path)
    return open_store(path)


def test_climatology_of_a_pure_season_is_the_season(tmp_path):
    pattern = np.linspace(0.1, 1.0, 64).reshape(8, 8)
    season = lambda hours: np.cos(2 * np.pi * np.asarray(hours) / 8760)  # noqa: E731
    store = _small_store(tmp_path / "s.zarr", 1, lambda member, hours: season(hours)[:, None, None] * pattern)
    climate = DailyClimate.of(store, ("siu",))
    for hour in (0, 60, 8759, 4000, 3 * 8760 + 777):
        np.testing.assert_allclose(climate.at(hour)[0], season(hour) * pattern * SMALL.mask, atol=2e-3)


def test_damping_is_that_of_the_process(tmp_path):
    """An AR(1) of 0.8 a step: the anomaly is damped to 0.8 after five days, to 0.64 after ten."""

    def process(member, hours):
        random = np.random.default_rng(member)
        x = np.zeros((len(hours), 8, 8))
        for k in range(1, len(hours)):
            x[k] = 0.8 * x[k - 1] + 0.06 * random.standard_normal((8, 8))
        return x

    store = _small_store(tmp_path / "ar.zarr", 3, process)
    starts = ((0, 150), (1, 160))
    values = np.stack([np.stack([store.read(m, i + lead // 120) for lead in LEADS])[None] for m, i in starts])
    forecast = forecast_of(
        as_forecast(values, store.hours[[150, 160]], starts, LEADS, channels=("siu",), grid=SMALL), "ar"
    )
    pairs = pair(forecast, store)
    damped = DampedAnomaly.fitted(pairs, DailyClimate.of(store, ("siu",)), store, range(len(LEADS)))
    np.testing.assert_allclose(damped.damping[:, 0], [1.0, 0.8, 0.64], atol=0.06)
    np.testing.assert_allclose(damped.read(0, 0)[0], store.read(0, 150), atol=1e-6)


class _Mean:
    labels = (Label("rmse_ocean", "RMSE", "sit", "m", "lower", "ocean", skill=True),)

    def scores(self, mean):
        return np.sqrt(mean)


def test_intervals_are_those_of_a_mean_and_skill_is_paired():
    random = np.random.default_rng(3)
    squares = 1.0 + 0.2 * random.standard_normal((400, 1))
    weights = start_weights(400, 400, 0)
    rows, kept = rows_of(_Mean(), squares, weights, "mine", 24.0)
    assert rows[0].value == pytest.approx(np.sqrt(squares.mean()))
    assert rows[0].high - rows[0].low == pytest.approx(2 * 1.645 * 0.2 / 2 / np.sqrt(400), rel=0.2)
    _, theirs = rows_of(_Mean(), 4.0 * squares, weights, "other", 24.0)
    skill = skill_rows(kept | theirs, ("mine", "other"), 24.0, 400)
    assert [row.score for row in skill] == ["RMSE, skill over other"]
    assert skill[0].value == pytest.approx(0.5)
    assert skill[0].high - skill[0].low == pytest.approx(0.0, abs=1e-12)  # the same draws for both
