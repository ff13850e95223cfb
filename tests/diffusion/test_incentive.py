"""What a loss pays for a band: closed forms for white noise, and the published reckoning for a steep spectrum."""

import numpy as np
import pytest

from halocline.diffusion.incentive import LevelWeights, balanced, mode_losses
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.karras import KarrasSchedule
from halocline.diffusion.times import Lognormal, uniform

COSINE = CosineSchedule()
RINGS = np.arange(1, 33)
MODES = 2 * np.pi * RINGS
SIT_INSIDE = [(1.5, 221.0), (3, 32.3), (6, 3.83), (10, 0.32), (14, 0.06), (19, 0.010), (27.5, 0.0025)]
"""Thickness inside the pack: (waves a plane of 64 cells, power of a mode)."""


def _edm(schedule, mean=-1.2, std=1.2):
    return LevelWeights.of(schedule, Lognormal(schedule, mean, std), DenoisingObjective(weighting="edm"))


def test_white_noise_leaves_one_and_saves_the_mean_signal_to_noise_ratio():
    """S = 1, w = 1 + SNR: w/(1 + SNR) = 1 remains, w SNR/(1 + SNR) = SNR is saved, E SNR = exp(2 std^2 - 2 mean)."""
    remains, saved = mode_losses(np.ones(5), _edm(KarrasSchedule(sigma_min=1e-4), -1.2, 0.5))
    np.testing.assert_allclose(remains, 1.0, rtol=1e-6)
    np.testing.assert_allclose(saved, np.exp(2 * 0.5**2 + 2 * 1.2), rtol=1e-3)


def test_on_the_cosine_schedule_half_of_white_noise_is_known():
    """ln SNR is symmetric about 0 there: E 1/(1 + SNR) = E SNR/(1 + SNR) = 1/2 by the weight SNR_cap -> 0."""
    levels = LevelWeights.of(CosineSchedule(-10.0, 10.0), uniform, DenoisingObjective(snr_limit=1e-9))
    remains, saved = mode_losses(np.ones(1), levels)
    np.testing.assert_allclose([remains[0], saved[0]], 0.5, atol=1e-3)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (LevelWeights.of(COSINE, uniform, DenoisingObjective(25.0)), 0.035),
        (LevelWeights.of(COSINE, uniform, DenoisingObjective(100.0)), 0.10),
        (LevelWeights.of(COSINE, uniform, DenoisingObjective(1000.0)), 0.46),
        (_edm(COSINE), 2.48),
        (_edm(COSINE, -0.4, 1.0), 0.17),
    ],
)
def test_thickness_inside_the_pack_is_worth_what_was_measured(levels, expected):
    waves, power = np.log(np.array(SIT_INSIDE)).T
    remains, saved = mode_losses(np.exp(np.interp(np.log(RINGS), waves, power)), levels)
    assert (MODES * saved)[RINGS >= 16].sum() / (MODES * remains).sum() == pytest.approx(expected, rel=0.04)


def test_balanced_weights_keep_the_loss_and_bring_shares_together():
    share, loss = np.array([2.48, 1.08, 9.0, 0.05]), np.array([1.0, 1.3, 0.6, 0.9])
    weights = balanced(share, loss)
    after = weights * share
    assert (weights * loss).sum() == pytest.approx(loss.sum(), rel=1e-9)
    assert after.max() / after.min() == pytest.approx(3.0)
    assert (np.argsort(after, kind="stable")[-1], np.argsort(after, kind="stable")[0]) == (2, 3)


def test_shares_that_lie_together_stay():
    np.testing.assert_array_equal(balanced(np.array([1.0, 2.9]), np.array([1.0, 5.0])), 1.0)
