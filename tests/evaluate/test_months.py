"""Dated states: ranks that are uniform when they should be, areas between edges, months beside their months."""

import numpy as np
import pytest

from halocline.evaluate.engine.bootstrap import whole_and_counts
from halocline.evaluate.engine.calibration import Pit
from halocline.evaluate.ice.calibration import calibration
from halocline.evaluate.ice.edge import edge_error
from halocline.evaluate.ice.families.edge import EdgeMapScores
from halocline.evaluate.ice.months import score_months
from halocline.physics.sea_ice import extent, volume
from halocline.runtime.errors import InputError
from tests.evaluate.toy_arctic import CHANNELS, GRID, as_dataset
from tests.toy import toy_sample

QUICK = {"replicates": 20}


def dated(values, days):
    """States with their day of the year."""
    return as_dataset(values).assign_coords(day_of_year=("member", np.asarray(days, float), {"days_per_year": 365.0}))


@pytest.fixture(scope="module")
def reference(reference):
    """The store of the other tests, its states kept in memory."""
    return reference.remembering()


@pytest.fixture(scope="module")
def year():
    """Twelve states a month of the very distribution of the store, and their days."""
    days = (np.arange(144) + 0.5) / 144 * 365
    return np.stack([toy_sample(GRID, int(day), "generated", k) for k, day in enumerate(days)]), days


def one(pit):
    return pit.statistics(np.ones((1, pit.values.shape[1])))[0]


@pytest.mark.parametrize("members", [2, 9, 64])
@pytest.mark.parametrize("tied", [False, True])
def test_the_place_of_an_exchangeable_truth_is_uniform(members, tied):
    random = np.random.default_rng(1)
    states = random.integers(0, 3, (members + 1, 4000)) if tied else random.normal(size=(members + 1, 4000))
    parts = [Pit.of(column[None, 1:], column[:1], random) for column in states.T]
    mean, spread, outside = one(Pit.joined(parts))
    assert mean == pytest.approx(0.5, abs=4 / np.sqrt(12 * 4000))
    assert spread == pytest.approx(1.0, abs=0.03)
    expected = 2 / (members + 1)
    assert Pit.joined(parts).aims[2] == pytest.approx(expected)
    assert outside == pytest.approx(expected, abs=4 * np.sqrt(expected / 4000))


def test_a_shift_and_a_narrow_ensemble_are_seen_for_what_they_are():
    random = np.random.default_rng(2)
    truth, ensemble = random.normal(size=3000), random.normal(size=(1, 50))
    small, narrow = (one(Pit.of(e, truth, random)) for e in (ensemble - 1.0, 0.5 * ensemble))
    assert small[0] > 0.7
    assert narrow[0] == pytest.approx(0.5, abs=0.1)
    assert narrow[1] > 1.25
    assert narrow[2] > 3 * 2 / 51
    assert one(Pit.of(3 * ensemble, truth, random))[1] < 0.6


def test_statistics_are_those_of_the_truths_that_count():
    pit = Pit.of(np.linspace(0, 1, 20)[None], np.array([-1.0, 2.0, 0.5, 0.4]), np.random.default_rng(0))
    found = pit.statistics(np.array([[1, 1, 0, 0], [0, 0, 1, 1], [2, 0, 2, 0]]))
    np.testing.assert_allclose(found[:, 2], [1, 0, 0.5])
    assert found[0, 1] == pytest.approx(np.sqrt(12) / 2, abs=0.2)
    np.testing.assert_allclose(found[2, 0], pit.values[0, [0, 2]].mean())


def test_years_are_drawn_whole():
    weights = whole_and_counts(3, 50, np.random.default_rng(0))[:, np.array([0, 0, 1, 1, 1, 2])]
    assert (weights[0] == 1).all()
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 2] == weights[:, 4]).all()


def test_of_single_states_both_areas_are_the_ice_edge_error(year):
    states, family = year[0][[3, 50]], EdgeMapScores(GRID, 1)
    a, b = (family.summary(state[None]) for state in states)
    ice = states[:, 1] > 0.15
    wanted = edge_error(*ice, GRID.area * GRID.mask).total
    assert wanted > 0
    np.testing.assert_allclose(family.scores(a, b)[0], wanted)
    np.testing.assert_allclose(family.scores(a, a)[0], 0.0)


def test_the_areas_between_round_edges():
    """Discs of ice: radii 1 and 3 in turn against 2 always; half of the time the ring inside lacks, outside adds."""
    family = EdgeMapScores(GRID, 1)
    distance = np.hypot(*np.meshgrid(*[np.arange(32) - 15.5] * 2))
    ice = [np.where((distance < radius) & GRID.mask, 1.0, 0.0) for radius in (5.0, 9.0, 13.0)]
    states = np.zeros((3, 5, *GRID.shape))
    states[:, 1] = ice
    inner, middle, outer = family.summary(states)
    area = GRID.area[GRID.mask]
    found = family.scores(0.5 * (inner + outer)[None], middle[None])[0]
    assert found[0] == pytest.approx(0.5 * ((outer - inner) @ area))
    assert found[1] == pytest.approx((outer - middle) @ area)  # the median edge is where half of the states have ice


def test_states_of_the_truth_s_own_days_are_within_their_floor(year, reference):
    months = score_months(dated(*year), reference, **QUICK)
    assert [month.month for month in months] == list(range(12))
    for id in ("ice_extent", "ice_volume", "edge_probability_error", "median_edge_error"):
        assert sum(month.row(id).within_floor for month in months) >= 9, id
    inside = [month.row("ice_extent_sd").within_floor for month in months]
    assert sum(inside) >= 7


def test_the_truth_of_a_month_is_that_of_its_test_states(year, reference):
    (values, days) = year
    may = np.flatnonzero((days >= 4 / 12 * 365) & (days < 5 / 12 * 365))
    (month,) = score_months(dated(values[may], days[may]), reference, **QUICK)
    assert (month.month, month.sizes[0]) == (4, 12)
    last = reference.years() == 2
    shares = (reference.hours % 8760) / 8760
    indices = np.flatnonzero(last & (shares >= 4 / 12) & (shares < 5 / 12))
    real = np.stack([reference.read(member, k) for member in range(4) for k in indices])
    assert month.sizes[1] == len(real)
    numbers = {
        "ice_extent": extent(real[:, 1], GRID.area, GRID.mask),
        "ice_volume": volume(real[:, 0], GRID.area, GRID.mask),
    }
    for id, found in numbers.items():
        assert month.row(id).reference == pytest.approx(found.mean(), rel=1e-5)
        assert month.row(f"{id}_sd").reference == pytest.approx(found.std(), rel=1e-4)
    assert month.row("ice_extent").value == pytest.approx(extent(values[may, 1], GRID.area, GRID.mask).mean(), rel=1e-5)


def test_a_generator_that_is_a_season_late_is_found(year, reference):
    values, days = year
    late = score_months(dated(values, (days + 90) % 365), reference, **QUICK)
    assert sum(month.row("edge_probability_error").within_floor for month in late) <= 3
    right, wrong = (
        {(row.id, row.band): row for row in calibration(dated(values, d), reference, **QUICK)}
        for d in (days, (days + 90) % 365)
    )
    # Ice of spring in the place of that of summer: the truth is below nearly all of it.
    assert wrong["ice_extent_pit_mean", "JJA"].value < 0.2 < 0.35 < right["ice_extent_pit_mean", "JJA"].value
    assert wrong["ice_extent_outside", ""].value > 2 * right["ice_extent_outside", ""].value


def test_calibration_of_the_right_draws_and_of_the_floor(year, reference):
    rows = calibration(dated(*year), reference, **QUICK)
    assert len(rows) == 2 * 5 * 3
    for row in rows:
        if row.band:
            continue
        slack = 0.1 if row.id.endswith("outside") else 0.12
        assert row.reference in (0.5, 1.0, pytest.approx(2 / 13))
        assert row.value == pytest.approx(row.reference, abs=slack)
        assert row.floor == pytest.approx(row.reference, abs=slack)
        assert row.low <= row.value <= row.high
    assert rows == calibration(dated(*year), reference, **QUICK)


def test_members_at_several_times_are_states_each(year, reference):
    values, days = year
    plain = dated(values[:24], days[:24])
    folded = plain.assign_coords(run=("member", np.repeat([0, 1], 12)), step=("member", np.tile(np.arange(12), 2)))
    folded = (
        folded.set_index(member=["run", "step"]).unstack("member").rename(run="member", step="time").drop_vars("time")
    )
    for name in ("sic", "sit"):
        assert set(folded[name].dims) == {"member", "time", "y", "x"}
    for month, wanted in zip(
        score_months(folded, reference, **QUICK), score_months(plain, reference, **QUICK), strict=True
    ):
        assert month.rows == wanted.rows


def test_states_without_dates_or_without_ice_are_refused(year, reference):
    states = as_dataset(year[0][:4])
    for scored in (score_months, calibration):
        with pytest.raises(InputError, match="day of the year"):
            scored(states, reference)
        with pytest.raises(InputError, match="sit or sic"):
            scored(dated(year[0][:4], [1, 2, 3, 4]).drop_vars(["sit", "sic"]), reference)


def test_concentration_alone_has_extent_and_edge_alone(year, reference):
    values, days = year
    states = dated(values, days).drop_vars([name for name in CHANNELS if name != "sic"])
    month = score_months(states, reference, **QUICK)[0]
    assert {row.id for row in month.rows} == {
        "ice_extent",
        "ice_extent_sd",
        "edge_probability_error",
        "median_edge_error",
    }
    assert {row.id.rsplit("_pit")[0].removesuffix("_outside") for row in calibration(states, reference, **QUICK)} == {
        "ice_extent"
    }
