"""What the plug-in adds, each against a closed form."""

import numpy as np
import pytest
import torch
from halocline_antarctic.constraint import PlateletsUnderIce
from halocline_antarctic.score import WEST, SectorArea
from halocline_antarctic.solver import Ralston
from halocline_antarctic.variables import PLATELETS

from halocline.constraints.protocol import Setting
from halocline.data.fields.variables import variable
from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import Plane
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.linear import LinearPath


@pytest.mark.parametrize("schedule", [CosineSchedule(logsnr_min=-4.0, logsnr_max=4.0), LinearPath()])
def test_the_solver_has_the_order_that_it_declares(schedule):
    """x0 ~ N(0, 1): the flow carries x to x sqrt(alpha^2 + sigma^2), here up to the last time but one."""
    begin = 1.0 if isinstance(schedule, LinearPath) else 0.95

    def denoise(x, t):
        alpha, sigma = (f(t)[:, None, None, None] for f in (schedule.alpha, schedule.sigma))
        return alpha * x / (alpha**2 + sigma**2)

    def error(steps):
        times = torch.linspace(begin, 0.2, steps + 1, dtype=torch.float64)
        x = torch.ones(1, 1, 1, 1, dtype=torch.float64)
        seen = []
        Ralston()(denoise, schedule, x, torch.cat([times, times.new_zeros(1)]), None, lambda y, n: seen.append(y) or y)
        size = [torch.hypot(schedule.alpha(t), schedule.sigma(t)) for t in times[[0, -1]]]
        return float(abs(seen[-2] - size[1] / size[0]))

    errors = [error(steps) for steps in (20, 40, 80, 160)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    np.testing.assert_allclose(orders[-1], Ralston.order, atol=0.2)


def test_passes_are_what_the_solver_declares():
    calls = []

    def denoise(x, t):
        calls.append(t)
        return x

    times = torch.linspace(1.0, 0.0, 6)
    Ralston()(denoise, LinearPath(), torch.ones(1, 1, 1, 1), times, None)
    assert len(calls) == Ralston().passes(5) == 9


def test_the_projection_is_the_nearest_state_with_the_ice_as_it_is():
    rng = np.random.default_rng(0)
    states = rng.random((3, 2, 4, 5)).astype(np.float32)
    states[..., 0, 0] = np.nan
    platelets = PlateletsUnderIce.of(Setting((PLATELETS, variable("sit"))))
    out = platelets.project(states)
    assert (platelets.residual(states) > 0).all()
    assert (platelets.residual(out) == 0).all()
    np.testing.assert_array_equal(platelets.project(out), out)
    np.testing.assert_array_equal(out[:, 1], states[:, 1])
    kept = states[:, 0] <= np.float32(0.25) * states[:, 1]
    np.testing.assert_array_equal(out[:, 0][kept], states[:, 0][kept])
    np.testing.assert_array_equal(np.isnan(out), np.isnan(states))


def test_sectors_cover_the_ocean_once_and_the_score_is_the_difference():
    x = (np.arange(12) - 5.5) * 6e5
    grid = projected_grid("south", Plane.of("EPSG:3976"), x, x, np.hypot(x[None], x[:, None]) > 1.5e6)
    family = SectorArea(grid, 0)
    full = family.summary(np.ones((1, 1, *grid.shape)))
    np.testing.assert_allclose(full.sum(), grid.area[grid.mask].sum(), rtol=1e-12)
    weddell = ((grid.lon - WEST[0]) % 360 < 80) & grid.mask
    np.testing.assert_allclose(full[0, 0], grid.area[weddell].sum(), rtol=1e-12)
    np.testing.assert_allclose(family.scores(full, 0.5 * full), 0.5 * np.sqrt((full**2).mean()), rtol=1e-12)
