"""The codec: exact bounds, exact inverse, land out of the way; the lift is undone by clipping."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from halocline.data.codecs.lift import DEPTH, lift
from halocline.data.codecs.standard import Codec
from halocline.data.fields.variables import variable

MASK = np.ones((6, 6), bool)
MASK[0, :2] = False
NAMES = ("sit", "sic", "sid", "siu")
STATISTICS = {
    "sit": {"mean": 0.9, "std": 1.1},
    "sic": {"mean": 0.49, "std": 0.47},
    "sid": {"mean": 0.37, "std": 0.43},
    "siu": {"mean": -0.0025, "std": 0.062},
}

fields = arrays(np.float32, (4, 6, 6), elements=st.floats(0, 1, width=32))


@settings(max_examples=60)
@given(fields, st.sampled_from(["clip", "lift"]))
def test_decode_is_the_inverse_of_encode(x, bounds):
    codec = Codec.from_statistics(NAMES, STATISTICS, MASK, bounds)
    y = codec.decode(codec.encode(x))
    assert np.isnan(y[:, ~MASK]).all()
    np.testing.assert_allclose(y[:, MASK], x[:, MASK], rtol=2e-6, atol=3e-7)
    for k, name in enumerate(NAMES):
        for bound in (variable(name).lower, variable(name).upper):
            if bound is not None:
                at = MASK & (x[k] == bound)
                assert (y[k][at] == bound).all()  # atoms come back bit by bit


def test_land_is_zero_in_network_space():
    codec = Codec.from_statistics(NAMES, STATISTICS, MASK)
    x = np.full((4, 6, 6), np.nan, np.float32)
    x[:, MASK] = 0.5
    assert (codec.encode(x)[:, ~MASK] == 0).all()


def test_values_beyond_the_bounds_become_the_bounds():
    codec = Codec.from_statistics(NAMES, STATISTICS, MASK)
    low, high = codec.decode(np.full((4, 6, 6), -50.0)), codec.decode(np.full((4, 6, 6), 50.0))
    assert (low[:3, MASK] == 0).all()
    assert (high[1:3, MASK] == 1).all()
    assert (low[3, MASK] < -3).all()  # drift is unbounded


def test_card_round_trip_is_exact():
    codec = Codec.from_statistics(NAMES, STATISTICS, MASK, "lift")
    again = Codec.from_card(codec.to_card(), MASK)
    np.testing.assert_array_equal(again.mean, codec.mean)
    np.testing.assert_array_equal(again.std, codec.std)
    assert again.variables == codec.variables
    assert again.bounds == "lift"


def test_lift_deepens_away_from_the_ice_edge():
    sic = np.zeros((1, 8), np.float32)
    sic[0, 0] = 0.5
    y = lift(sic, variable("sic"), 0.5, np.ones((1, 8), bool))
    assert y[0, 0] == pytest.approx(0.5)
    assert (np.diff(y[0, 1:4]) < 0).all()
    assert y.min() == pytest.approx(-DEPTH * 0.5)


def test_lift_leaves_unbounded_variables_alone():
    drift = np.zeros((3, 3), np.float32)
    np.testing.assert_array_equal(lift(drift, variable("siu"), 0.1, np.ones((3, 3), bool)), drift)


def test_lift_of_all_water_is_the_depth():
    y = lift(np.zeros((3, 3), np.float32), variable("sic"), 0.5, np.ones((3, 3), bool))
    np.testing.assert_allclose(y, -DEPTH * 0.5)
