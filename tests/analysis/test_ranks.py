"""500 truths drawn from the generator itself, its codec with atoms and one ice mask included: one more member each."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from halocline.analysis.measured import Measured
from halocline.analysis.operators.observing import ObservationOperator
from halocline.analysis.own_variance import TooSure, own_variance, warn_too_sure
from halocline.analysis.smooth_space import smooth_space
from halocline.analysis.spread import measure_spread, own_states
from halocline.chain.chain import Chain
from halocline.chain.generator import Generator
from halocline.data.codecs.ice_fit import fit_ice
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.guided.moment_matching import MomentMatching
from halocline.diffusion.paths.base import SCHEDULES
from halocline.evaluate.engine.ranks import ranks
from halocline.runtime.device import choose_compute
from halocline.systems.loading import load_model
from tests.analysis.gaussian import gaussian_generator
from tests.analysis.test_analyse import NAMES, observed

CPU = choose_compute("cpu", "fp32")
TOGETHER = 0.6  # correlation between channels in network space


class Field(torch.nn.Module):
    """The exact denoiser of a Gaussian field in network space: channels correlated, cells by their distance."""

    def __init__(self, mask, channels, length=3.0):
        super().__init__()
        self.wet = torch.from_numpy(mask)
        at = np.argwhere(mask).astype(float)
        distance = np.linalg.norm(at[:, None] - at[None], axis=-1)
        self.space = [torch.from_numpy(part) for part in np.linalg.eigh(np.exp(-distance / length))]
        between = np.full((channels, channels), TOGETHER) + (1 - TOGETHER) * np.eye(channels)
        self.channel = [torch.from_numpy(part) for part in np.linalg.eigh(between)]

    def forward(self, fields, level, vector, mask):
        ratio = torch.exp(4.0 * level.double())[:, None, None]  # sigma / alpha
        y = fields.double()[:, :, self.wet] * (1 + ratio**2).sqrt()
        z = torch.einsum("ck,bcw,wv->bkv", self.channel[1], y, self.space[1])
        value = self.channel[0][:, None] * self.space[0]
        z = value / (value + ratio**2) * z
        back = torch.einsum("ck,bkv,wv->bcw", self.channel[1], z, self.space[1])
        out = torch.zeros(fields.shape, dtype=torch.float64)
        out[:, :, self.wet] = back
        return out.float()


class ManyTruths(Measured):
    """The same places, other values for each member: (member, observation)."""

    values = None

    @property
    def _value(self):
        return self.values

    @property
    def _side(self):
        return torch.zeros(len(self.table))  # noise is not cut off here: none of the values is an inequality


@pytest.fixture(scope="module")
def known(store_path):
    """A generator that is the exact denoiser of what it draws, behind the codec of ice fitted to the toy store."""
    from halocline.data.store.store import open_store

    store = open_store(store_path)
    mask = store.grid.mask
    codec = fit_ice(NAMES, (store.read(0, k) for k in range(0, 120, 3)), mask)
    schedule = SCHEDULES["cosine"]()
    wet = torch.from_numpy(mask.astype(np.float32))[None]
    denoiser = NetworkDenoiser(Field(mask, len(NAMES)), schedule, "x", mask=wet)
    return Generator(Chain(codec, schedule, "heun", 32, CPU), denoiser, store.grid, {"name": "known"})


@pytest.mark.slow
def test_the_truth_is_any_of_the_members_in_500_cases(known):
    cases, members, together, error = 500, 5, 100, 0.2
    truth = known.draw(range(cases), 77)
    table = observed(known, truth[0], ("sic", "sit"), error)
    operator = ObservationOperator(table, known.codec.channels, known.grid)
    noise = error * np.random.default_rng(1).standard_normal((cases, len(table)))
    y = torch.from_numpy(operator.of_arrays(truth) + noise)
    space = smooth_space(known.chain.space(), operator.needs)
    measured = ManyTruths(table, operator, space, measure_spread(known, space))
    guided = replace(known, guide=lambda d: MomentMatching(d, known.chain.schedule, measured, 3))
    found = []
    for start in range(0, cases, together):
        ManyTruths.values = y[start : start + together].repeat_interleave(members, dim=0)
        found.append(guided.draw(range(members * start, members * (start + together)), 0))
    drawn = np.concatenate(found).reshape(cases, members, *truth.shape[1:]).swapaxes(0, 1)
    wet, random = np.flatnonzero(known.grid.mask.ravel()), np.random.default_rng(2)
    low = {}
    for k, name in enumerate(NAMES):
        for cell in (wet[60], wet[121]):  # of three, one is observed: neither of sid nor of drift
            x, real = (of[..., k, :, :].reshape(*of.shape[:-3], -1)[..., cell] for of in (drawn, truth))
            counts = np.bincount(ranks(x, real, random), minlength=members + 1)
            low[name, int(cell)] = (round(float(stats.chisquare(counts).pvalue), 4), counts.tolist())
    print(low)
    assert all(p > 0.01 for p, _ in low.values()), low


def test_an_exact_denoiser_knows_how_uncertain_it_is(known):
    for generator in (known, gaussian_generator()):
        found = own_variance(generator, x0=own_states(generator, states=64))
        assert len(found) == 5
        assert all(0.9 < row.ratio < 1.1 for row in found), found


def test_a_network_trained_for_seconds_is_too_sure(data_space_model_path):
    model = load_model(data_space_model_path, CPU).with_sampler("heun", 10)
    with pytest.warns(TooSure, match="its Jacobian tells .* Train it longer"):
        warn_too_sure(own_variance(model))
