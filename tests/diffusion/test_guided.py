"""What guided denoisers ask of a network: its Jacobian both ways, and covariances that are symmetric."""

import pytest
import torch

from halocline.diffusion.guided.base import Linearised
from halocline.diffusion.guided.moment_matching import MomentMatching, agreed

SHAPE = (3, 6, 6)
CELLS = 6 * 6


class SeesTheFirst:
    """y = x_0 of the first channel at every cell, errors of 1."""

    def __len__(self):
        return CELLS

    def predicted(self, x0_hat, noise):
        return x0_hat[:, 0].flatten(1)

    def innovation(self, predicted):
        return 1.0 - predicted, torch.ones_like(predicted)


def linear(matrix):
    """A denoiser whose Jacobian is a matrix (3 x 36, 3 x 36)."""
    return lambda x: (x.flatten(1) @ matrix.T).reshape(x.shape)


def linearised(estimate, batch=2):
    x = torch.randn(batch, *SHAPE, generator=torch.Generator().manual_seed(1)).requires_grad_()
    return Linearised(x, estimate(x), estimate, SeesTheFirst(), alpha=0.8, sigma=0.6)


def covariance(between):
    """Three channels of smooth fields; the second hangs on the first, the third on nothing."""
    place = torch.stack(torch.meshgrid(torch.arange(6.0), torch.arange(6.0), indexing="ij"), -1).reshape(CELLS, 2)
    smooth = torch.exp(-0.5 * torch.cdist(place, place) ** 2 / 1.5**2)
    mixing = torch.tensor([[1.0, between, 0.0], [between, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return 0.3 * torch.kron(mixing, smooth)


def test_along_is_the_jacobian_times_a_direction():
    def bent(x):
        return torch.tanh(x.roll(1, -1)) + 0.3 * x.roll(1, 1) ** 2

    at, v = linearised(bent), torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(2))
    _, expected = torch.func.jvp(bent, (at.x_t.detach(),), (v,))
    assert float((at.along(v) - expected).norm() / expected.norm()) < 0.03
    torch.testing.assert_close(at.along(1e-3 * v), 1e-3 * at.along(v), rtol=1e-3, atol=1e-6)
    assert not at.along(torch.zeros_like(v)).any()


def test_a_symmetric_covariance_is_left_as_it_is():
    at = linearised(linear(covariance(0.6)))
    v = at.transposed(at.innovation)
    gained = at.gamma * at.through_network(v)
    torch.testing.assert_close(agreed(at, v, gained), gained, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("between", [0.0, 0.3])
def test_what_both_ways_disagree_on_is_taken_for_noise(between):
    """Errors of a network that is no covariance: in what is not observed they shrink; what is observed stays."""
    true = covariance(between)
    noise = 0.05 * torch.randn(true.shape, generator=torch.Generator().manual_seed(3))
    at = linearised(linear(true + noise), batch=8)
    v = at.transposed(at.innovation)
    right = at.gamma * linear(true)(v)
    alone = at.gamma * at.through_network(v)
    found = agreed(at, v, alone)
    assert torch.equal(found[:, 0], alone[:, 0])
    before, after = ((gained - right)[:, 1:].square().mean().sqrt() for gained in (alone, found))
    assert after < 0.75 * before
    with_both = 0.5 * (alone + at.gamma * at.along(v))
    assert after < (with_both - right)[:, 1:].square().mean().sqrt()


def test_the_estimate_moves_towards_what_is_observed_and_what_hangs_on_it():
    def denoiser(x, t):
        return linear(covariance(0.6))(x)

    class Schedule:
        def alpha(self, t):
            return 0.8 * torch.ones_like(t)

        def sigma(self, t):
            return 0.6 * torch.ones_like(t)

    x, t = torch.zeros(2, *SHAPE), torch.full((2,), 0.5)
    found = MomentMatching(denoiser, Schedule(), SeesTheFirst(), iterations=8)(x, t)
    v = (0.6**2 / 0.8) * covariance(0.6)
    expected = v[:, :CELLS] @ torch.linalg.solve(torch.eye(CELLS) + v[:CELLS, :CELLS], torch.ones(CELLS))
    torch.testing.assert_close(found.flatten(1), expected.expand(2, -1), rtol=2e-2, atol=2e-3)
