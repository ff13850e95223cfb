"""The published constraint: the pull has its closed form, the border is repaired."""

import numpy as np
import pytest
import torch

from halocline.constraints.named.southern_border import SouthernBorder
from halocline.constraints.paper_pull import PaperPull, gain
from tests.ocean_toy import remaining_share, toy_ocean, toy_ocean_grid


@pytest.mark.parametrize(("beta", "share"), [(0.0, 1.0), (1e-5, 0.970), (1e-4, 0.739), (1e-3, 0.048)])
def test_the_pull_has_its_closed_form(beta, share):
    assert remaining_share(beta) == pytest.approx(share, abs=6e-4)
    x = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 3, 8, 4)) + 0.3)
    start = x.mean((2, 3))
    pull = PaperPull(torch.ones(3, 8, 4, dtype=torch.float64), 1000, beta)
    for step in range(1000):
        x = pull(x, step)
    np.testing.assert_allclose(x.mean((2, 3)), start * remaining_share(beta), rtol=1e-9)


def test_the_gain_grows_towards_the_state():
    assert gain(0, 1e-3) == pytest.approx(0.041)
    assert gain(999, 1e-3) == pytest.approx(1e-3, rel=1e-4)
    assert gain(50, 1e-3) == pytest.approx(0.0157, abs=1e-4)
    assert pytest.approx(0.368, abs=1e-3) == (1 - 1e-3) ** 1000


def test_land_is_set_to_zero_before_the_pull():
    wet = torch.ones(3, 8, 4)
    wet[:, 0] = 0
    x = torch.from_numpy(np.random.default_rng(1).standard_normal((2, 3, 8, 4)).astype(np.float32))
    out = PaperPull(wet, 10, 1e-3)(x, 9)
    means = (x * wet).mean((2, 3))
    np.testing.assert_allclose(out[..., 0, :], (-0.041 * means)[..., None].expand(2, 3, 4), rtol=1e-5)


def test_the_southernmost_row_becomes_the_next_one():
    states = toy_ocean(toy_ocean_grid(), members=2)
    border = SouthernBorder()
    out = border.project(states)
    south = int(np.flatnonzero(np.isfinite(states).any(axis=(0, 1, 3)))[0])
    both = np.isfinite(states[..., south, :]) & np.isfinite(states[..., south + 1, :])
    np.testing.assert_array_equal(out[..., south, :][both], states[..., south + 1, :][both])
    np.testing.assert_array_equal(out[..., south + 1 :, :], states[..., south + 1 :, :])
    assert border.residual(states).min() > 0
    assert border.residual(out).max() == 0
