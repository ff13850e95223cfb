"""Ice bounds: projected states obey, obedient states are unchanged."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from halocline.constraints.named.ice_bounds import IceBounds
from halocline.constraints.project_all import project_all
from halocline.data.fields.variables import variable
from tests.toy import CHANNELS, toy_grid, toy_sample

VARIABLES = tuple(variable(n) for n in CHANNELS)
wild = arrays(np.float32, (2, 5, 4, 4), elements=st.sampled_from([np.nan, -2.0, -1e-3, 0.0, 0.004, 0.3, 1.0, 1.7, 9.0]))


@settings(max_examples=80)
@given(wild, st.sampled_from([0.0, 0.01]))
def test_projection_satisfies_and_is_idempotent(states, minimum):
    land = np.isnan(states[:, :1])
    states = np.where(land, np.nan, np.nan_to_num(states))
    constraint = IceBounds(VARIABLES, sic_minimum=minimum)
    once = constraint.project(states)
    assert (constraint.residual(once) <= constraint.tolerance).all()
    np.testing.assert_array_equal(constraint.project(once), once)
    sit, sic = once[:, 0], once[:, 1]
    np.testing.assert_array_equal(sit == 0, sic == 0)
    for k in (2, 3, 4):
        assert (once[:, k][sic == 0] == 0).all()
    assert (sic[sic > 0] >= minimum).all()
    np.testing.assert_array_equal(np.isnan(once[:, 0]), land[:, 0])


def test_simulated_states_are_unchanged():
    states = toy_sample(toy_grid(), 20)[None]
    projected, [report] = project_all(states, [IceBounds(VARIABLES, sic_minimum=0.01)], CHANNELS)
    np.testing.assert_array_equal(projected, states)
    assert report.moved_share == 0
    assert report.residual_before == 0


def test_the_report_tells_how_far_it_moved():
    states = toy_sample(toy_grid(), 20)[None].copy()
    states[0, 1] += 0.5
    _, [report] = project_all(states, [IceBounds(VARIABLES)], CHANNELS)
    assert report.residual_before > 0.4
    assert report.residual_after == 0
    assert report.rms_change["sic"] > 0.1


def test_without_concentration_only_the_bounds_apply():
    constraint = IceBounds((variable("sid"), variable("siu")))
    out = constraint.project(np.full((1, 2, 3, 3), 1.5, np.float32))
    assert (out[0, 0] == 1).all()
    assert (out[0, 1] == 1.5).all()
