"""One step of a surrogate: tiles, batches and members do not matter; bounds hold."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from halocline.chain.forecast.stepper import StepContext
from halocline.chain.tiled import TiledDenoiser
from halocline.chain.tiling import Tiling
from halocline.data.fields.symmetries import Symmetry
from halocline.diffusion.denoiser import Bound
from halocline.runtime.ranks import Ranks

ALONE = Ranks()
AS_IT_IS = [Symmetry()] * 3


@pytest.fixture
def moment(weather_of, start_and_grid, surrogate):
    start, grid = start_and_grid
    weather = weather_of(start)
    now, later = (weather.read(start.hour + h, surrogate.forcing) for h in (0, 12))
    return StepContext(start.hour, now, later, np.ones((4, *grid.shape), np.float32), (0, 1, 2), 5, start.store_member)


def repeated(start, members):
    return np.repeat(start.states, members, axis=0)


def test_a_tile_that_covers_the_domain_is_the_network_itself(surrogate, moment, start_and_grid):
    """Within 1e-5 of the residual's unit: the land around it gives and takes nothing."""
    start, grid = start_and_grid
    given = surrogate._given(repeated(start, 3), moment, grid, AS_IT_IS)
    z = torch.randn(3, 6, *grid.shape, generator=torch.Generator().manual_seed(1)) * given.mask
    t = torch.full((3,), 0.6)
    with torch.no_grad():
        whole = Bound(surrogate.denoiser, given)(z, t)
        for inner, overlap in ((16, 2), (16, 4), (24, 0)):
            tiling = Tiling(torch.from_numpy(grid.mask), inner, overlap, 0)
            plain = AS_IT_IS, ((), ())
            tiled = TiledDenoiser(surrogate.denoiser, given, tiling, 2, surrogate.chain.compute, ALONE, *plain)
            torch.testing.assert_close(tiled(z, t), whole, atol=1e-5, rtol=0)
    assert float(whole.std()) > 0.1


def test_what_is_computed_together_does_not_matter(surrogate, moment, start_and_grid):
    start, grid = start_and_grid
    reference = surrogate.advance(repeated(start, 3), moment, grid, 64, ALONE)
    for batch in (1, 5):
        again = surrogate.advance(repeated(start, 3), moment, grid, batch, ALONE)
        np.testing.assert_allclose(again, reference, atol=2e-6)
    alone = surrogate.advance(repeated(start, 1), replace(moment, members=(2,)), grid, 4, ALONE)
    np.testing.assert_allclose(alone[0], reference[2], atol=2e-6)
    assert np.abs(reference[0] - reference[1]).max() > 1e-2


@pytest.mark.parametrize("bounding", ["clamp", "censored-mean", "none"])
def test_bounds_hold_and_land_stays_empty(surrogate, moment, start_and_grid, bounding):
    start, grid = start_and_grid
    out = replace(surrogate, bounding=bounding).advance(repeated(start, 3), moment, grid, 64, ALONE)
    (bounds,) = surrogate.chain.constraints
    assert bounds.make(None).residual(out).max() == 0.0
    assert (out[:, :, ~grid.mask] == 0).all()
    assert (out[:, 1] == 0).any()
    assert np.isfinite(out).all()


def test_the_twin_has_one_member(surrogate, moment, start_and_grid):
    start, grid = start_and_grid
    twin = replace(surrogate, noisy=False, chain=replace(surrogate.chain, solver="ddim", steps=1))
    out = twin.advance(repeated(start, 3), moment, grid, 64, ALONE)
    np.testing.assert_array_equal(out[0], out[1])
    assert twin.chain.passes == 1
    assert surrogate.chain.passes == 5


def test_the_step_is_one_pass_and_one_clip_for_the_head(surrogate, moment, start_and_grid):
    """x_{t+1} = clip(x_t + change * x0_hat(eps, t = 1)), written out without tiles."""
    start, grid = start_and_grid
    chain = replace(surrogate.chain, solver="ddim", steps=1, constraints=())
    head = replace(surrogate, chain=chain, inner=16, blend=0)
    out = head.advance(repeated(start, 3), moment, grid, 64, ALONE)
    given = surrogate._given(repeated(start, 3), moment, grid, AS_IT_IS)
    noise = surrogate._noise(moment, (6, *grid.shape)) * given.mask
    with torch.no_grad():
        r = surrogate.denoiser(noise, torch.ones(3), given)
    low = np.array([v.lower if v.lower is not None else -np.inf for v in head.residual.variables])[:, None, None]
    high = np.array([v.upper if v.upper is not None else np.inf for v in head.residual.variables])[:, None, None]
    expected = np.where(grid.mask, np.clip(start.states + 0.1 * r.numpy(), low, high), 0)
    np.testing.assert_allclose(out, expected, atol=1e-5)
