"""The paper's toy check with analytic answers: exact denoisers, constraints on the mean inside the sampler."""

import math

import numpy as np
import pytest
import torch

from halocline.chain.placed import ConstrainedDenoiser
from halocline.constraints.level_means import means_of
from halocline.constraints.named.contents import LevelMeans
from halocline.constraints.paper_pull import PaperPull, gain
from halocline.data.codecs.level_selection import LevelSelection
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.padding import Padding
from halocline.data.fields.layout import Layout
from halocline.data.grids.grid_layout import GridLayout
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.squared_cosine import SquaredCosineSchedule
from halocline.diffusion.solvers.ddpm import DDPM
from halocline.diffusion.solvers.multistep import Multistep
from halocline.runtime import keyed
from tests.ocean_toy import remaining_share, toy_columns

MEMBERS = 8000
OFFSET, SPREAD = 0.30, 0.5  # of each cell, normalised units
CELLS = 2


def noise(step):
    return torch.from_numpy(keyed.normal(0, (MEMBERS, 3, 1, CELLS), "toy", step))


def gaussian(x_t, t):
    """E[x0 | x_t] for cells N(OFFSET, SPREAD^2), independent."""
    alpha, sigma = SCHEDULE.alpha(t)[:, None, None, None], SCHEDULE.sigma(t)[:, None, None, None]
    return OFFSET + SPREAD**2 * alpha / (alpha**2 * SPREAD**2 + sigma**2) * (x_t - alpha * OFFSET)


SCHEDULE = SquaredCosineSchedule()


def exact_pull(beta, offset, spread, cells):
    """Mean and spread of the level mean after all steps; the sampler is linear in it, so this is a recursion.

    Args:
        beta: Strength of the pull.
        offset: The data's mean.
        spread: Standard deviation of the data's level mean.
        cells: Number of cells, whose independent noise the level mean averages.
    """
    alpha_bar = SCHEDULE._alpha_bar.tolist()
    mean, variance = 0.0, 1.0 / cells
    for step in range(999, -1, -1):
        now, before = alpha_bar[step], alpha_bar[step - 1] if step else 1.0
        beta_t = 1 - now / before
        k = spread**2 * math.sqrt(now) / (now * spread**2 + (1 - now) / cells)
        on_x0, on_x = math.sqrt(before) * beta_t / (1 - now), math.sqrt(1 - beta_t) * (1 - before) / (1 - now)
        slope, shift = on_x0 * k + on_x, on_x0 * offset * (1 - k * math.sqrt(now))
        left = 1 - gain(step, beta)
        mean = left * (slope * mean + shift)
        variance = left**2 * (slope**2 * variance + (1 - before) / (1 - now) * beta_t / cells)
    return mean, math.sqrt(variance)


@pytest.mark.parametrize(
    ("beta", "offset", "spread"),
    [(0.0, 0.301, 0.0498), (1e-5, 0.292, 0.0473), (1e-4, 0.225, 0.0372), (1e-3, 0.017, 0.0028), (1e-2, 0.0, 0.0)],
)
def test_what_is_left_of_offset_and_spread_on_the_papers_plane(beta, offset, spread):
    """True offset 0.30, spread 0.05, 11 890 wet cells: nearly prod (1 - kappa) of both remains."""
    found = exact_pull(beta, 0.30, 0.05, 11_890)
    assert found[0] == pytest.approx(offset, abs=2e-3)
    assert found[1] == pytest.approx(spread, abs=1.5e-3)
    assert found[0] / 0.30 == pytest.approx(remaining_share(beta), abs=0.02)
    assert found[1] / 0.05 == pytest.approx(remaining_share(beta), abs=0.02)


@pytest.mark.parametrize("beta", [0.0, 1e-4, 1e-3])
def test_the_sampler_with_the_pull_has_the_mean_and_spread_of_the_recursion(beta):
    pull = PaperPull(torch.ones(3, 1, CELLS), 1000, beta)
    x = DDPM()(gaussian, SCHEDULE, noise(-1), SCHEDULE.times(1000), noise, pull)
    means = x.mean(dim=-1).flatten().double()
    mean, spread = exact_pull(beta, OFFSET, SPREAD / math.sqrt(CELLS), CELLS)
    samples = means.numel()
    assert means.mean().item() == pytest.approx(mean, abs=4 * spread / math.sqrt(samples))
    assert means.std().item() == pytest.approx(spread, rel=4 / math.sqrt(2 * samples))


def mixture(x_t, t, condition=None):
    """E[x0 | x_t] for x = (m + d, m - d), m = +-0.6 and d = +-1 with equal chances, plus N(0, 0.2^2) on each cell.

    In the rotated coordinates the mixture of four Gaussians is a product, so m may be imposed without touching d.
    """
    schedule = CosineSchedule()
    alpha, sigma = schedule.alpha(t)[:, None, None], schedule.sigma(t)[:, None, None]
    m, d = (x_t[..., 0] + x_t[..., 1]) / 2, (x_t[..., 0] - x_t[..., 1]) / 2
    parts = []
    for value, centre in ((m, 0.6), (d, 1.0)):
        variance = 0.2**2 / 2
        total = alpha**2 * variance + sigma**2 / 2
        side = torch.tanh(alpha * centre * value / total) * centre  # E[centre's sign | x_t] times the centre
        parts.append(side + variance * alpha / total * (value - alpha * side))
    return torch.stack([parts[0] + parts[1], parts[0] - parts[1]], dim=-1)


@pytest.fixture
def layout():
    one = np.ones((1, 1, CELLS))
    return GridLayout.ocean(toy_columns(10 * one, 20 * one, one > 0, positive="down", area=one[0]))


@pytest.mark.slow
def test_drawn_means_are_imposed_exactly_and_the_rest_of_the_mixture_is_untouched(layout):
    wet = np.ones((3, 1, CELLS), bool)
    selection = LevelSelection(np.array([10.0]), wet[:1])
    codec = OceanCodec(Layout.ocean(1), np.zeros((3, 1, 1)), np.ones(3), wet, selection, Padding())
    target = 0.3 + 0.5 * keyed.normal(1, (MEMBERS, 3), "target").astype(np.float64)
    schedule = CosineSchedule()
    for solver, steps in ((Multistep(), 40), (DDPM(), 120)):
        free = solver(mixture, schedule, noise(-1), schedule.times(steps), noise)
        denoiser = ConstrainedDenoiser(mixture, schedule, codec, [(LevelMeans(layout, target), float("inf"))])
        held = solver(denoiser, schedule, noise(-1), schedule.times(steps), noise)
        np.testing.assert_allclose(means_of(held.double().numpy(), layout, "level-means"), target, atol=2e-6)
        for x in (free, held):
            d = ((x[..., 0] - x[..., 1]) / 2).flatten().double()
            se = 4 / math.sqrt(d.numel())
            assert (d > 0).double().mean().item() == pytest.approx(0.5, abs=se / 2)
            assert (d**2).mean().item() == pytest.approx(1.0 + 0.02, rel=0.02)
            assert d.abs().std().item() == pytest.approx(0.2 / math.sqrt(2), rel=0.05)
        m = free.mean(dim=-1).flatten().double()
        assert m.mean().item() == pytest.approx(0.0, abs=0.62 * 4 / math.sqrt(m.numel()))
        assert m.std().item() == pytest.approx(math.sqrt(0.36 + 0.02), rel=0.02)
