"""Season and floors: states are compared with the truth of their days of the year, real with real where it suffices."""

import csv
import json
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

import halocline as hl
from halocline.data.fields.season import days_to_nearest, season_share
from halocline.data.files.state_day import shares_of_year
from halocline.data.store.share_out import ThinSplits
from halocline.data.store.splits import samples_of
from halocline.evaluate.engine.season import hint_of_season, kuiper, match_season
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ice.halves import held_out_halves
from halocline.evaluate.ice.held_states import store_as_states
from halocline.runtime.errors import ConfigError, InputError
from halocline.runtime.keyed import generator
from tests.evaluate.toy_arctic import GRID, as_dataset, perfect
from tests.toy import CHANNELS, toy_sample

QUICK = {"replicates": 4}


def states_of_days(days):
    """Return states of the toy world of these days of the year, without dates."""
    return as_dataset(np.stack([toy_sample(GRID, int(day), "generated", k) for k, day in enumerate(days)]))


def dated(states, days):
    """Return states with their day of the year."""
    return states.assign_coords(day_of_year=("member", np.asarray(days, float), {"days_per_year": 365.0}))


@pytest.fixture(scope="module")
def march():
    """Forty states of the second half of March, with their days."""
    days = 74 + np.arange(40) % 15
    return dated(states_of_days(days), days)


def test_march_states_are_compared_with_the_truth_of_march(march, reference):
    card = evaluate(march, reference, **QUICK)
    shares = season_share(reference.hours, "noleap")
    near = days_to_nearest(shares, np.arange(74, 89) / 365) <= 15
    pairs = [pair for pair in samples_of(reference, "test") if near[pair[1]]]
    assert sum(card.about["held_out_states"]) == len(pairs) < 24
    real = np.stack([reference.read(*pair) for pair in pairs])
    wanted = IceCover(real, GRID, CHANNELS).integrals["ice_extent"].mean()
    assert card.row("ice_extent").reference == pytest.approx(wanted, rel=1e-6)
    assert any("season (March) alone: real states within 15 days" in note for note in card.about["notes"])
    whole = evaluate(march, reference, season="all", **QUICK)
    assert sum(whole.about["held_out_states"]) == len(samples_of(reference, "test"))
    assert any("what differs may be the season" in note for note in whole.about["notes"])
    assert whole.row("w1", "sic").value > 3 * card.row("w1", "sic").value


def test_states_without_dates_say_so_and_point_to_a_season(march, reference):
    notes = " ".join(evaluate(march.drop_vars("day_of_year"), reference, **QUICK).about["notes"])
    assert "their season was not looked at" in notes
    assert "lie nearest to those of" in notes
    notes = " ".join(evaluate(as_dataset(perfect(40)), reference, **QUICK).about["notes"])
    assert "their season was not looked at" in notes
    assert "lie nearest" not in notes


def test_states_of_all_days_are_compared_with_all_days(reference):
    days = generator(0, "days").integers(365, size=24)
    states = states_of_days(days)
    with_days, without = (evaluate(each, reference, **QUICK) for each in (dated(states, days), states))
    assert with_days.rows == without.rows
    assert with_days.about["notes"] == []


def test_a_store_scored_against_itself_keeps_its_season(reference):
    states = store_as_states(reference)
    shares = shares_of_year(states, ("member",))
    at = [index for _, index in samples_of(reference, "test")]
    np.testing.assert_allclose(shares, season_share(reference.hours[at], "noleap"), atol=1e-9)
    assert match_season(shares, reference, np.array(at), "matched").times is None


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day"])
def test_dates_of_states_tell_their_season(calendar):
    time = xr.date_range("2003-03-01", periods=4, freq="7D", calendar=calendar, use_cftime=calendar != "standard")
    dataset = xr.Dataset({"sic": (("time", "member"), np.zeros((4, 3)))}, coords={"time": time})
    shares = shares_of_year(dataset, ("member", "time"))
    length = {"standard": 365, "noleap": 365, "360_day": 360}[calendar]
    first = {"360_day": 60}.get(calendar, 59)
    np.testing.assert_allclose(shares, np.tile((first + 7 * np.arange(4)) / length, 3), atol=1e-9)
    assert shares_of_year(dataset.drop_vars("time"), ("member", "time")) is None
    assert shares_of_year(dataset.assign_coords(time=np.arange(4)), ("member", "time")) is None


def test_a_record_without_members_is_scored_over_its_times(reference):
    states = dated(states_of_days([10, 100, 200, 300]), [10, 100, 200, 300])
    record = states.drop_vars("day_of_year").rename(member="time")
    record = record.assign_coords(time=xr.date_range("2003-01-11", periods=4, freq="90D"))
    assert evaluate(record, reference, **QUICK).about["generated_states"] == 4


def test_the_distance_of_seasons_goes_round_the_year():
    others = np.array([0.01, 0.5])
    found = days_to_nearest(np.array([0.99, 0.0, 0.3, 0.51, 0.26]), others)
    np.testing.assert_allclose(found / 365.25, [0.02, 0.01, 0.2, 0.01, 0.24], atol=1e-12)


def test_kuiper_tells_a_season_from_a_year_wherever_the_year_begins():
    random = np.random.default_rng(0)
    year, truth = random.random(40), np.arange(200) / 200
    assert kuiper(year, truth) > 0.05
    season = 0.15 + 0.05 * random.random(40)
    assert kuiper(season, truth) < 1e-6
    assert kuiper((season + 0.9) % 1, truth) == pytest.approx(kuiper(season, truth), rel=0.3)
    false = [kuiper(random.random(20), truth) < 0.01 for _ in range(500)]
    assert np.mean(false) < 0.03


def test_a_season_that_the_truth_has_not_is_refused():
    store = SimpleNamespace(hours=np.arange(0, 60 * 24, 24), calendar="noleap")
    with pytest.raises(InputError, match=r"July.*--season all"):
        match_season(np.full(10, 0.53), store, np.arange(60), "matched")
    assert match_season(np.full(10, 0.53), store, np.arange(60), "all").times is None


def test_numbers_that_vary_as_the_truth_point_nowhere():
    months = np.repeat(np.arange(12), 10)
    real = {"ice_extent": np.cos(months / 2) + 3, "ice_volume": np.sin(months / 2) + 3}
    assert hint_of_season(real, real, months) == []
    one = {name: values[months == 2] for name, values in real.items()}
    assert "those of March" in hint_of_season(one, real, months)[0]
    part = {name: values[months < 4] for name, values in real.items()}
    assert hint_of_season(one, part, months[months < 4]) == []


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """One year, every five days, in blocks of time."""
    from tests.evaluate.forecast.test_forecast_references import toy_years

    folder = tmp_path_factory.mktemp("short")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ThinSplits)
        whole = toy_years(folder / "y.zarr", 1)
        return hl.write_store(hl.open_states(whole.path), folder / "b.zarr", splits="blocks")


def test_a_year_alone_has_scores_without_floors_and_says_why(short, tmp_path, capsys):
    from halocline.report.terminal import print_scores

    halves = held_out_halves(short, CHANNELS, 100)
    assert not halves.comparable
    assert len(halves.states.values) == len(samples_of(short, "test"))
    states = store_as_states(short)
    card = evaluate(states, short, **QUICK)
    assert card.about["floor"] == "none"
    notes = " ".join(card.about["notes"])
    assert "No floor: " in notes
    assert "nothing of another year" in notes
    assert all(np.isnan(row.floor) and row.within_floor is None and np.isfinite(row.value) for row in card.rows)
    card.report(tmp_path / "r")
    page = (tmp_path / "r" / "report.html").read_text()
    assert "No floor: " in page
    assert "scores lie within" not in page
    line = next(csv.DictReader((tmp_path / "r" / "scores.csv").open()))
    assert line["floor"] == line["within_floor"] == ""
    assert json.loads((tmp_path / "r" / "scores.json").read_text())["rows"][0]["within_floor"] is None
    print_scores(card)
    printed = capsys.readouterr().out
    assert "without a floor" in printed
    assert "(–" not in printed
    assert "note: No floor" in " ".join(printed.split())


def test_the_option_is_for_states(short, slow_store):
    from tests.evaluate.forecast.toy_forecast import toy_forecast

    with pytest.raises(ConfigError, match="no such season"):
        hl.score(store_as_states(short), short, season="winter")
    with pytest.raises(ConfigError, match="--season with sea-ice states or ocean states"):
        hl.score(toy_forecast(slow_store), slow_store, season="all")
