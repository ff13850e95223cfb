"""Flow matching: solvers against the exact Gaussian, the censored objective against its known optimum, atoms."""

import numpy as np
import pytest
import torch
from torch import nn

from halocline.diffusion.denoiser import Bound, NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.diffusion.objectives.base import Batch
from halocline.diffusion.objectives.flow import FlowObjective
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.solvers.ddim import DDIM
from halocline.diffusion.solvers.heun_t import HeunInTime
from halocline.diffusion.solvers.multistep import Multistep
from halocline.diffusion.wrappers import CensoredMean, Clamped
from halocline.runtime import keyed

MEAN, STD = 0.7, 0.5
PATH = LinearPath()


def exact(x, t):
    """E[x0 | x_t] for x0 ~ N(MEAN, STD^2) on the straight path."""
    t = t[:, None, None, None]
    return MEAN + (1 - t) * STD**2 / ((1 - t) ** 2 * STD**2 + t**2) * (x - (1 - t) * MEAN)


def noise(n):
    return torch.from_numpy(keyed.normal(0, (n, 1, 1, 1), "flow")).double()


def test_times_of_the_paper():
    tau = 1 - PATH.times(20)
    steps = tau.diff()
    assert (float(tau[0]), float(tau[-1])) == (0.0, 1.0)
    assert float(steps[0]) == pytest.approx(0.0498, abs=1e-4)
    assert float(steps.max()) == pytest.approx(0.0613, abs=1e-4)
    assert float(steps[-1]) == pytest.approx(0.0272, abs=1e-4)


def test_the_exact_posterior_is_drawn_from_pure_noise():
    eps = noise(20_000)
    x = HeunInTime()(exact, PATH, eps, PATH.times(40).double(), lambda step: eps)
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.01)
    assert float(x.std()) == pytest.approx(STD, rel=0.02)
    # The map is deterministic and known: x0 = MEAN + STD * eps.
    assert float((x - MEAN - STD * eps).abs().max()) < 0.02


@pytest.mark.parametrize(
    ("solver", "order", "within"), [(DDIM(), 1, 0.1), (HeunInTime(), 2, 0.1), (Multistep(), 1.85, 0.2)]
)
def test_observed_order_of_convergence(solver, order, within):
    """Multistep begins with two steps of first order, for its log-SNR begins at -inf: between 1.65 and 2.05."""
    errors = []
    z = torch.linspace(-2, 2, 9).double()[:, None, None, None]
    for steps in (40, 80, 160, 320):
        times = torch.linspace(1.0, 0.2, steps + 1).double()
        end = float(times[-1])
        reached = []
        solver(
            exact,
            PATH,
            z,
            torch.cat([times, times[-1:] - 0.01]),
            torch.zeros_like,
            lambda x, step, keep=reached: keep.append(x) or x,
        )
        truth = (1 - end) * MEAN + z * np.sqrt((1 - end) ** 2 * STD**2 + end**2)
        errors.append(float((reached[-2] - truth).abs().max()))
    observed = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert observed[-1] == pytest.approx(order, abs=within)


def test_from_pure_noise_one_multistep_pass_is_the_euler_pass_and_more_are_finite():
    eps = noise(200)
    for steps in (1, 2, 6):
        x = [s(exact, PATH, eps, PATH.times(steps).double(), lambda step: eps) for s in (DDIM(), Multistep())]
        assert torch.isfinite(x[1]).all()
        assert steps > 1 or torch.equal(*x)
    assert float((x[1] - MEAN - STD * eps).abs().max()) < 0.5 * float((x[0] - MEAN - STD * eps).abs().max())


class Constant(nn.Module):
    """A network that knows one number."""

    def __init__(self, value=0.0):
        super().__init__()
        self.value = nn.Parameter(torch.tensor(value))

    def forward(self, *inputs):
        return self.value.expand(len(inputs[0]), 1, *inputs[0].shape[-2:])


class ConstantScale(nn.Module):
    def __init__(self):
        super().__init__()
        self.value = nn.Parameter(torch.zeros(()))

    def forward(self, t, vector):
        return self.value.expand(len(t), 1)


def given(n):
    return Given(torch.zeros(n, 0, 1, 1), torch.ones(n, 1, 1, 1), torch.zeros(n, 0))


@pytest.mark.parametrize(("likelihood", "location"), [("censored", 0.2), ("gaussian", None)])
def test_without_information_the_censored_objective_finds_the_uncensored_normal(likelihood, location):
    """At t = 1 nothing is known: the optimum is the Tobit estimate of clip(N(0.2, 0.5^2), 0, 1)."""
    n = 1000
    x0 = (0.2 + 0.5 * noise(n).float()).clamp(0, 1)
    net = NetworkDenoiser(Constant(), PATH, "clean", scale=ConstantScale())
    bounds = torch.zeros_like(x0), torch.ones_like(x0)
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=25, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = FlowObjective(likelihood).loss(
            net, Batch(x0, torch.ones(n), x0 * 0, given(n), *bounds, torch.ones(n, 1, 1, 1))
        )
        loss.backward()
        return loss

    optimizer.step(closure)
    expected = float(x0.mean()) if location is None else location
    assert float(net.network.value.detach()) == pytest.approx(expected, abs=0.05)
    assert float(net.scale.value.detach().exp()) == pytest.approx(0.5 if location else float(x0.std()), abs=0.05)


def test_cells_without_weight_and_beyond_the_mask_do_not_count():
    net = NetworkDenoiser(Constant(0.3), PATH, "velocity", scale=ConstantScale())
    x0 = torch.zeros(1, 1, 2, 2)
    mask = torch.tensor([[[[1.0, 1.0], [1.0, 0.0]]]])
    weight = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    bounds = torch.full_like(x0, -torch.inf), torch.full_like(x0, torch.inf)
    conditions = Given(torch.zeros(1, 0, 2, 2), mask, torch.zeros(1, 0))
    eps = torch.randn(1, 1, 2, 2)
    batch = Batch(x0, torch.tensor([0.5]), eps, conditions, *bounds, weight)
    one = FlowObjective().loss(net, batch)
    x0[..., 0, 1], x0[..., 1, 1] = 9.0, 9.0
    two = FlowObjective().loss(net, batch)
    assert torch.equal(one, two)


@pytest.mark.parametrize("prediction", ["velocity", "clean"])
def test_velocity_and_clean_estimate_fit_together(prediction):
    x_t, t = torch.randn(3, 1, 2, 2), torch.tensor([0.1, 0.5, 1.0])
    conditions = Given(torch.zeros(3, 0, 2, 2), torch.ones(3, 1, 2, 2), torch.zeros(3, 0))
    x0_hat = Bound(NetworkDenoiser(Constant(0.3), PATH, prediction), conditions)(x_t, t)
    expected = x_t + 0.3 * t[:, None, None, None] if prediction == "velocity" else torch.full_like(x_t, 0.3)
    torch.testing.assert_close(x0_hat, expected)


def censored_prior(mu, s, points=301):
    """Values and weights of clip(N(mu, s^2), 0, 1): two atoms and a fine grid between."""
    inner = torch.linspace(0, 1, points).double()[1:-1]
    normal = torch.distributions.Normal(torch.tensor(mu).double(), torch.tensor(s).double())
    weights = normal.log_prob(inner).exp() * (inner[1] - inner[0])
    ends = torch.stack([normal.cdf(torch.tensor(0.0).double()), 1 - normal.cdf(torch.tensor(1.0).double())])
    return torch.cat([torch.tensor([0.0, 1.0]).double(), inner]), torch.cat([ends, weights])


def test_the_exact_mean_draws_the_right_atoms():
    """E[x0 | x_t] of clip(N(0.25, 0.5^2), 0, 1) by quadrature, 60 steps: both atoms within 0.02."""
    values, weights = censored_prior(0.25, 0.5)

    def posterior_mean(x, t):
        t = t[:, None].clamp(min=1e-4)
        log = torch.log(weights) - 0.5 * ((x.flatten(1) - (1 - t) * values) / t) ** 2
        return (torch.softmax(log, dim=1) @ values)[:, None, None, None]

    n = 400
    rank = (torch.arange(n).double() + 0.5) / n
    eps = torch.special.ndtri(rank)[:, None, None, None]
    bounded = Clamped(posterior_mean, torch.zeros(n, 1, 1, 1), torch.ones(n, 1, 1, 1))
    x = HeunInTime()(bounded, PATH, eps, PATH.times(60).double(), lambda step: eps).flatten()
    for value, share in zip((0.0, 1.0), weights[:2].tolist(), strict=True):
        assert float(((x - value).abs() < 0.01).double().mean()) == pytest.approx(share, abs=0.02)


def test_bounding_inside_the_sampler():
    """What lies beyond a bound becomes the bound itself, or the mean of what is clipped there."""
    location = torch.tensor([-0.4, 0.3, 1.2]).double()[:, None, None, None]
    lower, upper = torch.zeros(3, 1, 1, 1).double(), torch.ones(3, 1, 1, 1).double()
    estimate = lambda x, t: location  # noqa: E731
    assert Clamped(estimate, lower, upper)(location, torch.ones(3)).flatten().tolist() == pytest.approx([0.0, 0.3, 1.0])
    scale = torch.full((3, 1, 1, 1), 0.5).double()
    mean = CensoredMean(estimate, lower, upper, lambda t: scale)(location, torch.ones(3)).flatten()
    drawn = (location.flatten() + 0.5 * noise(200_000).flatten()[:, None]).clamp(0, 1).mean(dim=0)
    torch.testing.assert_close(mean, drawn, atol=3e-3, rtol=0)


def test_infinite_bounds_leave_the_estimate_alone():
    lower = torch.full((1, 1, 1, 1), -torch.inf)
    x = torch.tensor([[[[3.7]]]])
    wrapped = CensoredMean(lambda x, t: x, lower, -lower, lambda t: torch.full((1, 1, 1, 1), 0.1))
    torch.testing.assert_close(wrapped(x, torch.ones(1)), x)
