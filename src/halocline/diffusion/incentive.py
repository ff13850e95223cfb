"""What a loss pays for a band of modes: the exact denoiser of a Gaussian field against one that leaves the band out."""

from dataclasses import dataclass

import numpy as np
import torch

from halocline.diffusion.levels import logsnr_of
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.paths.base import Schedule
from halocline.diffusion.times import Times

WORTH = 0.3
"""Share below which a band vanishes in the noise of the gradient."""
_REACH, _LEVELS = 5.2, 2001


@dataclass(frozen=True, eq=False)
class LevelWeights:
    """Noise levels of a training and what an error counts there.

    Attributes:
        snr: alpha^2 / sigma^2 (level,).
        weight: Probability of the level times the loss weight (level,).
    """

    snr: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, schedule: Schedule, times: Times, objective: DenoisingObjective) -> "LevelWeights":
        """Return the levels at evenly spread normal quantiles of the time density: both of its tails are resolved."""
        z = torch.linspace(-_REACH, _REACH, _LEVELS, dtype=torch.float64)
        share = torch.exp(-0.5 * z**2)
        snr = torch.exp(logsnr_of(schedule, times(torch.special.ndtr(z))))
        return cls(snr.numpy(), (share / share.sum() * objective.weight(snr)).numpy())


def mode_losses(power: np.ndarray, levels: LevelWeights) -> tuple[np.ndarray, np.ndarray]:
    """Return the loss of the exact denoiser per mode, and what is lost beside it by one that returns 0 there.

    A mode of power S, white noise 1, leaves S / (1 + S SNR) unknown; an estimate without it leaves S. Weighed and
    averaged over the noise levels.

    Args:
        power: S (...).
        levels: Of the training.

    Returns:
        (loss that remains, loss that drawing the mode saves), each (...).
    """
    unknown = power[..., None] / (1.0 + power[..., None] * levels.snr)
    return unknown @ levels.weight, (power[..., None] - unknown) @ levels.weight


def balanced(share: np.ndarray, loss: np.ndarray, within: float = 3.0) -> np.ndarray:
    """Return weights of variables that bring their bands' shares within a factor of each other.

    Weights w with sum w loss = sum loss, so that w share is what a band is then worth beside the loss of all:
    w share = clip(share, s, within s), s such that the sum holds. They are 1 where nothing is to be done.

    Args:
        share: What each variable's band is worth (variable,), > 0.
        loss: Loss of each that remains (variable,).
        within: The factor.
    """
    if share.max() <= within * share.min():
        return np.ones_like(share)
    low, high = np.log(share.min()) - np.log(within), np.log(share.max())
    for _ in range(80):
        s = np.exp(0.5 * (low + high))
        weights = np.clip(share, s, within * s) / share
        low, high = (np.log(s), high) if (weights * loss).sum() < loss.sum() else (low, np.log(s))
    return weights
