"""States drawn anew from states of a forecast: its members noised to a level, and drawn back."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from halocline.chain.generator import Generator
from halocline.chain.near import Near
from halocline.chain.placed import Draw
from halocline.diffusion.given import NOTHING
from halocline.runtime.noise.device import member_noise

ANCESTRAL = "ddpm"


@torch.no_grad()
def redrawn(
    model: Generator,
    states: np.ndarray,
    level: float,
    numbers: Sequence[int],
    seed: int,
    vector: np.ndarray | None = None,
) -> np.ndarray:
    """Return states (member, channel, y, x) that a generator, guided or not, draws near others; before constraints.

    They are drawn by an ancestral solver, whatever the model's: a deterministic one would carry a noisy field to one
    state, where p(x_0 | x_t) has many. It takes twice the model's steps, as it is of first order and has one pass each.

    Args:
        model: The generator; its ``guide`` brings observations in.
        states: One for each member (member, channel, y, x), physical units, land NaN.
        level: sigma / alpha to which they are noised, see ``Near``.
        numbers: Of the members, which key their noise.
        seed: Seed of the ensemble.
        vector: Condition vectors (member, condition).
    """
    chain = replace(model.chain, solver=ANCESTRAL, steps=2 * model.chain.steps)
    draw = Draw(numbers, seed, chain.steps, vector, model.noise)
    mask = model.denoiser.counts(NOTHING)
    fields = torch.from_numpy(chain.space(vector).encode(np.asarray(states, np.float32))).to(chain.compute.device)

    def noise(step: int) -> torch.Tensor:
        eps = member_noise(model.noise, seed, numbers, chain.shape, chain.compute.device, "redrawn", step)
        return eps * mask

    return chain.draw(model.told(vector), noise, draw, Near(fields * mask, level))
