"""How real states are dealt in two, and replicates that keep a member's states together."""

import numpy as np
import pytest

from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.interval import interval
from halocline.evaluate.ocean.split import ocean_weights
from halocline.evaluate.ocean.states import OceanSet
from halocline.runtime.errors import InputError
from tests.ocean_toy import toy_ocean_grid

LAYOUT = GridLayout.ocean(toy_ocean_grid())


def real_set(members=4, years=2, per_year=3):
    count = members * years * per_year
    year = np.tile(np.repeat(np.arange(years), per_year), members)
    member = np.repeat(np.arange(members) + 10, years * per_year)
    return OceanSet(np.zeros((count, 1, 1, 1), np.float32), LAYOUT, member, (), year)


def drawn_set(count=20, member=None, forced=False):
    member = np.arange(count) if member is None else member
    return OceanSet(np.zeros((count, 1, 1, 1), np.float32), LAYOUT, member, forced=forced)


def weights(floor, generated=None, **kwargs):
    real = real_set(**kwargs)
    return real, ocean_weights(generated or drawn_set(), real, floor, 60, seed=0)


def test_parts_hold_different_members():
    real, found = weights("members")
    assert len(found.pairs) == 12
    for pair in found.pairs:
        reference = set(real.member[pair.reference[0] > 0])
        assert len(reference) == 2
        assert not reference & set(real.member[pair.drawn.sum(axis=0) > 0])


def test_parts_hold_different_years_of_the_same_members():
    real, found = weights("years")
    assert len(found.pairs) == 2
    for k, pair in enumerate(found.pairs):
        inside = pair.reference[0] > 0
        assert set(real.member[inside]) == set(real.member)
        assert set(real.years[inside]) == {k}
        assert set(real.years[pair.drawn.sum(axis=0) > 0]) == {1 - k}


@pytest.mark.parametrize("floor", ["members", "years"])
def test_replicates_are_normalised_and_keep_members_together(floor):
    real, found = weights(floor)
    for pair in found.pairs:
        for rows in (pair.reference, pair.replicates, pair.generated, pair.drawn, pair.drawn_replicates):
            assert rows.sum(axis=1) == pytest.approx(1.0)
        for member in real.members:
            inside = pair.replicates[:, (real.member == member) & ((pair.reference[0] > 0) | (floor == "members"))]
            assert np.ptp(inside, axis=1).max() < 1e-12


def test_years_draw_the_same_members_for_both_parts_and_for_states_of_their_forcing():
    forced = drawn_set(24, np.repeat(np.arange(4) + 10, 6), forced=True)
    real, found = weights("years", forced)
    pair = found.pairs[0]
    for row, drawn, mine in zip(pair.replicates, pair.drawn_replicates, pair.generated, strict=True):
        members = set(real.member[row > 0])
        assert set(real.member[drawn > 0]) <= members
        assert set(forced.member[mine > 0]) <= members


def test_the_interval_over_members_is_that_of_independent_members():
    """States of a member are equal: 200 states of 8 members tell as much as 8 numbers, not as 200."""
    rng = np.random.default_rng(0)
    hits, naive = 0, 0
    for trial in range(100):
        values = rng.standard_normal(8)
        real = real_set(members=8, years=2, per_year=12)
        states = values[real.member - 10]
        found = ocean_weights(drawn_set(), real, "years", 100, seed=trial)
        replicates = np.concatenate([pair.replicates @ states for pair in found.pairs])
        low, high = interval(replicates[:, None])
        hits += bool(low[0] <= 0.0 <= high[0])
        naive += bool(abs(states.mean()) < 1.645 * states.std() / np.sqrt(len(states)))
    assert 0.75 <= hits / 100 <= 0.95
    assert naive / 100 < 0.5


@pytest.mark.parametrize(
    ("floor", "sizes", "match"),
    [
        ("members", {"members": 1}, "1 member"),
        ("years", {"years": 1}, "1 of member 10"),
    ],
)
def test_too_few_to_deal_is_said(floor, sizes, match):
    with pytest.raises(InputError, match=match):
        weights(floor, **sizes)
