"""The residual's space: stochastic flow matching is plain flow matching there, and bounds are where they were."""

import pytest
import torch

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import Batch
from halocline.diffusion.objectives.velocity import VelocityObjective
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.residual import Residual, beside
from halocline.runtime import keyed

SCALE = torch.tensor([0.5, 2.0])[:, None, None]
LOWER, UPPER = (torch.tensor(b)[:, None, None] for b in ([-1.0, -torch.inf], [1.0, torch.inf]))
SPACE = Residual(SCALE, LOWER, UPPER)


def normal(*shape, key="r"):
    return torch.from_numpy(keyed.normal(0, shape, key))


def test_the_path_from_the_estimate_to_the_state_is_the_straight_path_of_the_residual():
    m, x, eps, tau = normal(3, 2, 4, 4), normal(3, 2, 4, 4, key="x"), normal(3, 2, 4, 4, key="e"), 0.3
    x_tau = (1 - tau) * (m + SCALE * eps) + tau * x
    r, path, t = SPACE.of(x, m), LinearPath(), torch.tensor(1 - tau)
    torch.testing.assert_close((x_tau - m) / SCALE, path.alpha(t) * r + path.sigma(t) * eps)
    torch.testing.assert_close((x - (m + SCALE * eps)) / SCALE, r - eps)


def test_beyond_a_bound_is_the_same_state_with_room_for_an_error():
    m = 1.5 * normal(4, 2, 8, 8)
    x = torch.clamp(1.5 * normal(4, 2, 8, 8, key="x"), LOWER, UPPER)
    r = SPACE.beyond(x, m)
    back = torch.clamp(m + SCALE * r, LOWER, UPPER)
    torch.testing.assert_close(back, x)
    at = (x == LOWER) | (x == UPPER)
    assert at[:, 0].any()
    assert not at[:, 1].any()
    missed = torch.clamp(m + SCALE * (r + 0.9 * torch.sign(m - x)), LOWER, UPPER)[at]
    assert (missed == x[at]).all()
    far = at & ((m < LOWER - SCALE) & (x == LOWER) | (m > UPPER + SCALE) & (x == UPPER))
    assert far.any()
    assert (r[far] == 0).all()


def test_bounds_of_the_residual_are_those_of_the_state():
    m = normal(2, 2, 3, 3)
    lower, upper = SPACE.bounds(m)
    torch.testing.assert_close(m[:, 0] + SCALE[0] * lower[:, 0], torch.full_like(m[:, 0], -1.0))
    torch.testing.assert_close(m[:, 0] + SCALE[0] * upper[:, 0], torch.full_like(m[:, 0], 1.0))
    assert torch.isinf(lower[:, 1]).all()
    x = torch.clamp(normal(2, 2, 3, 3, key="x"), LOWER, UPPER)
    assert (SPACE.of(torch.maximum(x, LOWER), m) >= lower).all()


def test_what_is_given_knows_no_land():
    m, maps, mask = normal(2, 2, 3, 3), normal(1, 3, 3, 3), torch.ones(1, 1, 3, 3)
    mask[..., 0, :] = 0
    given = beside(m, maps, mask)
    assert given.fields.shape == (2, 5, 3, 3)
    assert (given.fields[:, :2, 0] == 0).all()
    torch.testing.assert_close(given.fields[:, :2, 1:], m[..., 1:, :])


def test_the_velocity_loss_is_the_error_of_the_velocity():
    """Of a network that answers 0: |x_0 - eps|^2 over the cells that count, at every time, the smallest included."""

    def network(x, level, vector, mask):
        return torch.zeros_like(x[:, :2])

    denoiser = NetworkDenoiser(network_of(network), LinearPath(), "velocity")
    x0, eps, weight = normal(4, 2, 3, 3), normal(4, 2, 3, 3, key="e"), torch.ones(4, 1, 3, 3)
    weight[:2] = 0
    given = beside(x0, torch.zeros(1, 1, 3, 3), torch.ones(1, 1, 3, 3))
    batch = Batch(x0, torch.tensor([0.2, 0.4, 0.0, 1.0]), eps, given, weight=weight)
    expected = float(((x0 - eps)[2:] ** 2).mean())
    assert float(VelocityObjective().loss(denoiser, batch)) == pytest.approx(expected, rel=1e-3)


def network_of(function):
    module = torch.nn.Module()
    module.forward = function
    return module
