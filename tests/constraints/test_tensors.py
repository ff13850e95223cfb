"""Constraints on tensors: the numpy projection to float32 rounding, and the right gradients."""

import numpy as np
import pytest
import torch

from halocline.constraints.level_means import KINDS, means_of
from halocline.constraints.named.contents import LevelMeans
from halocline.constraints.named.ice_bounds import IceBounds
from halocline.constraints.named.patterns import OnPatterns
from halocline.constraints.named.southern_border import SouthernBorder
from halocline.constraints.named.stability import MinimumChange
from halocline.constraints.pattern_basis import PatternBasis
from halocline.data.fields.variables import variable
from halocline.data.grids.grid_layout import GridLayout
from tests.ocean_toy import toy_ocean, toy_ocean_grid
from tests.toy import CHANNELS, toy_grid, toy_sample

GRID = toy_ocean_grid()
LAYOUT = GridLayout.ocean(GRID)
ICE = IceBounds(tuple(variable(name) for name in CHANNELS), sic_minimum=0.01)
STATES = toy_ocean(GRID, members=3, noise=0.5, dtype=np.float32)


def level_means(kind):
    now = means_of(STATES, LAYOUT, kind)
    return LevelMeans(LAYOUT, now + np.linspace(-0.5, 0.5, now.size).reshape(now.shape), kind)


def on_patterns():
    return OnPatterns(PatternBasis.fit(toy_ocean(GRID, members=20, seed=4, dtype=np.float32), LAYOUT.wet, 5))


OCEAN = {
    **{kind: level_means(kind) for kind in KINDS},
    "patterns": on_patterns(),
    "border": SouthernBorder(),
    "stability": MinimumChange(LAYOUT),
}
LINEAR = [name for name in OCEAN if name != "stability"]


def ice_states():
    states = np.stack([toy_sample(toy_grid(), 20)] * 2)
    return (states + np.random.default_rng(0).normal(0, 0.3, states.shape)).astype(np.float32)


@pytest.mark.parametrize("name", list(OCEAN))
def test_ocean_tensors_agree_with_arrays(name):
    constraint = OCEAN[name]
    out = constraint.project_tensor(torch.from_numpy(STATES))
    assert out.dtype == torch.float32
    np.testing.assert_allclose(out.numpy(), constraint.project(STATES), rtol=3e-7, atol=1e-6)
    assert np.abs(out.numpy() - STATES)[:, LAYOUT.wet].max() > 1e-3
    assert (constraint.residual(out.numpy()) <= constraint.tolerance).all()


@pytest.mark.parametrize("name", [*KINDS, "patterns", "border"])
def test_ocean_tensors_that_obey_are_unchanged(name):
    once = OCEAN[name].project_tensor(torch.from_numpy(STATES))
    np.testing.assert_array_equal(OCEAN[name].project_tensor(once).numpy(), once.numpy())


def test_ice_tensors_agree_with_arrays_to_the_bit():
    states = ice_states()
    out = ICE.project_tensor(torch.from_numpy(states)).numpy()
    np.testing.assert_array_equal(out, ICE.project(states))
    assert (out != states)[~np.isnan(states)].any()


def test_ice_without_a_mask_is_only_bounded():
    bounds = IceBounds((variable("sid"), variable("siu")))
    states = np.full((1, 2, 3, 3), 1.5, np.float32)
    np.testing.assert_array_equal(bounds.project_tensor(torch.from_numpy(states)).numpy(), bounds.project(states))


@pytest.mark.parametrize("name", LINEAR)
def test_gradients_of_linear_projections(name):
    """Against finite differences, in float64; NaN on land must not get into them."""
    wet = torch.from_numpy(LAYOUT.wet)

    def of_wet(values):
        x = torch.full(STATES.shape, torch.nan, dtype=torch.float64)
        x[:, wet] = values
        return OCEAN[name].project_tensor(x)[:, wet]

    values = torch.from_numpy(STATES[:, LAYOUT.wet].astype(np.float64)).requires_grad_()
    assert torch.autograd.gradcheck(of_wet, (values,), fast_mode=True)


def test_gradients_of_ice_stop_where_a_value_was_clipped_or_emptied():
    x = torch.from_numpy(ice_states()).requires_grad_()
    out = ICE.project_tensor(x)
    torch.nan_to_num(out).sum().backward()
    kept = (out == x).detach() & ~torch.isnan(x.detach())
    inside = kept & (out.detach() != 0)
    assert (x.grad[inside] == 1).all()
    assert (x.grad[~kept] == 0).all()
    assert 0 < int(inside.sum()) < x.numel()
