"""Conditions: numbers of order one, drawn by member, wrong ones explained."""

import numpy as np
import pytest

from halocline.data.sampling.conditions import Conditions, OutsideTrainedRange
from halocline.runtime.errors import ConfigError, InputError
from tests.ocean_toy import PARAMETERS


@pytest.fixture
def conditions(ocean_store):
    return Conditions.of(ocean_store, ["day_of_year", "parameters"])


def test_parameters_span_minus_one_to_one_over_the_training_members(conditions, ocean_store):
    assert conditions.names == (*PARAMETERS, "day_of_year")
    assert conditions.size == 7
    values = {name: ocean_store.parameters[name][:3] for name in PARAMETERS} | {"day_of_year": np.zeros(3)}
    vector = conditions.encode(values)
    np.testing.assert_allclose(vector[:, :3].min(axis=0), -1, atol=1e-6)
    np.testing.assert_allclose(vector[:, :3].max(axis=0), 1, atol=1e-6)
    np.testing.assert_allclose(vector[:, 3:], [[1, 0, 1, 0]] * 3, atol=1e-6)


def test_the_season_is_periodic(conditions):
    values = {name: np.zeros(2) for name in PARAMETERS} | {"day_of_year": np.array([0.0, 360.0])}
    np.testing.assert_allclose(*conditions.encode(values), atol=1e-6)


def test_conditions_can_be_chosen_by_name(ocean_store):
    assert Conditions.of(ocean_store, ["t_star"]).names == ("t_star",)
    assert Conditions.of(ocean_store, ["day_of_year"]).size == 4
    with pytest.raises(ConfigError, match="Did you mean 'wind_stress'"):
        Conditions.of(ocean_store, ["day_of_year", "wind_stres"])


def test_a_members_conditions_are_its_own_whatever_the_batch(conditions):
    together = conditions.draw(3, range(6))
    alone = conditions.draw(3, [4])
    for name in conditions.names:
        assert alone[name][0] == together[name][4]
    assert len(np.unique(together["day_of_year"])) == 6
    rows = {tuple(row) for row in conditions.table}
    assert all(row in rows for row in zip(*(together[n] for n in PARAMETERS), strict=True))


def test_what_is_given_is_kept_and_the_rest_drawn(conditions):
    free, given = conditions.draw(3, range(4)), conditions.draw(3, range(4), {"day_of_year": 90, "t_star": np.zeros(4)})
    assert (given["day_of_year"] == 90).all()
    assert (given["t_star"] == 0).all()
    np.testing.assert_array_equal(free["wind_stress"], given["wind_stress"])


def test_wrong_conditions_are_explained(conditions):
    with pytest.raises(ConfigError, match="Did you mean 'wind_stress'"):
        conditions.draw(0, range(2), {"windstress": 0.1})
    with pytest.raises(InputError, match="from 0 to 360"):
        conditions.draw(0, range(2), {"day_of_year": 400})
    with pytest.raises(InputError, match="one a member"):
        conditions.draw(0, range(2), {"t_star": np.zeros(3)})
    with pytest.warns(OutsideTrainedRange, match="extrapolates"):
        conditions.draw(0, range(2), {"wind_stress": 9.0})


def test_card_round_trip_is_exact(conditions):
    again = Conditions.from_card(conditions.to_card())
    np.testing.assert_array_equal(again.table, conditions.table)
    assert (again.parameters, again.units, again.season) == (conditions.parameters, conditions.units, conditions.season)
