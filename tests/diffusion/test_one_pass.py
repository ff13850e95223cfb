"""One-pass objectives: the CRPS against brute force and known optima."""

import numpy as np
import pytest
import torch
from torch import nn

from halocline.diffusion.crps import almost_fair_crps, multi_scale_crps
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.diffusion.objectives.base import Batch
from halocline.diffusion.objectives.crps import EnsembleObjective
from halocline.diffusion.objectives.regression import RegressionObjective
from halocline.diffusion.paths.linear import LinearPath
from halocline.runtime import keyed


def normal(*shape, key="crps"):
    return torch.from_numpy(keyed.normal(0, shape, key))


def test_the_fair_score_does_not_depend_on_the_number_of_members():
    """E of the fair CRPS of N(0, 1) members against N(0, 1) truth is 1/sqrt(pi) for any M."""
    truth = normal(200_000, key="truth")
    for m in (2, 5):
        score = almost_fair_crps(normal(m, 200_000, key=f"m{m}"), truth, alpha=1.0).mean()
        assert float(score) == pytest.approx(1 / np.sqrt(np.pi), abs=0.005)


def test_against_the_definition():
    y, truth, m = normal(4, 7), normal(7, key="t"), 4
    pairs = sum((y[j] - y[k]).abs() for j in range(m) for k in range(m)) / m**2
    usual = (y - truth).abs().mean(0) - 0.5 * pairs
    fair = (y - truth).abs().mean(0) - 0.5 * pairs * m / (m - 1)
    torch.testing.assert_close(almost_fair_crps(y, truth, 0.0), usual)
    torch.testing.assert_close(almost_fair_crps(y, truth, 0.3), 0.3 * fair + 0.7 * usual)


def test_the_right_spread_scores_best():
    truth, members = normal(100_000, key="a"), normal(2, 100_000, key="b")
    scores = [float(almost_fair_crps(s * members, truth, 1.0).mean()) for s in (0.7, 1.0, 1.4)]
    assert scores[1] == min(scores)


def test_blocks_ignore_what_has_no_weight():
    members, truth = normal(2, 1, 1, 4, 4), normal(1, 1, 4, 4, key="t")
    weight = torch.ones(1, 1, 4, 4)
    weight[..., :2, :] = 0
    one = multi_scale_crps(members, truth, weight, (1, 2))
    truth[..., :2, :] = 50.0
    torch.testing.assert_close(multi_scale_crps(members, truth, weight, (1, 2)), one)


class Affine(nn.Module):
    """mean + spread * x_t."""

    def __init__(self):
        super().__init__()
        self.mean, self.spread = nn.Parameter(torch.zeros(())), nn.Parameter(torch.tensor(0.1))

    def forward(self, x, level, vector, mask):
        return self.mean + self.spread * x[:, :1]


def trained(loss):
    net = NetworkDenoiser(Affine(), LinearPath(), "clean")
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(400):
        optimizer.zero_grad()
        loss(net).backward()
        optimizer.step()
    return float(net.network.mean.detach()), float(net.network.spread.detach())


def test_the_ensemble_learns_mean_and_spread_and_the_twin_the_mean():
    n = 2000
    x0, eps = 0.5 + 0.8 * normal(n, 1, 1, 1, key="x"), normal(2, n, 1, 1, 1, key="e")
    given = Given(torch.zeros(n, 0, 1, 1), torch.ones(n, 1, 1, 1), torch.zeros(n, 0))
    bounds, weight = (torch.full_like(x0, -torch.inf), torch.full_like(x0, torch.inf)), torch.ones(n, 1, 1, 1)
    objective = EnsembleObjective(scales=(1,), alpha=1.0)
    mean, spread = trained(lambda net: objective.loss(net, Batch(x0, torch.ones(n), eps, given, *bounds, weight)))
    assert mean == pytest.approx(0.5, abs=0.05)
    assert abs(spread) == pytest.approx(0.8, abs=0.08)
    mean, _ = trained(lambda net: RegressionObjective().loss(net, Batch(x0, torch.ones(n), eps, given, weight=weight)))
    assert mean == pytest.approx(float(x0.mean()), abs=0.01)


def test_members_beyond_a_bound_where_the_truth_is_are_exactly_right():
    """Not right to rounding: the slope of |.| there is that of the rounding's sign, as large as anywhere."""
    net, n = NetworkDenoiser(Affine(), LinearPath(), "clean"), 500
    eps, given = (
        normal(2, n, 1, 1, 1, key="beyond"),
        Given(torch.zeros(n, 0, 1, 1), torch.ones(n, 1, 1, 1), torch.zeros(n, 0)),
    )
    lower = 2.0 + normal(n, 1, 1, 1, key="bound").abs()
    bounds = lower, torch.full_like(lower, torch.inf)
    loss = EnsembleObjective(scales=(1,)).loss(
        net, Batch(lower, torch.ones(n), eps, given, *bounds, torch.ones(n, 1, 1, 1))
    )
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert float(net.network.mean.grad) == 0.0
