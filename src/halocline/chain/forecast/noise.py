"""The noise of a forecast: standard normal, a function of the hour, alike in neighbouring steps, opposite in pairs."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from halocline.chain.forecast.stepper import StepContext
from halocline.runtime import keyed

_LEAST = 0.02  # weights below this share of the first are left out


def step_noise(
    context: StepContext,
    shape: Sequence[int],
    step_hours: int,
    memory_hours: float,
    fields: Callable[..., Any] = keyed.member_normal,
) -> Any:
    """Return a step's noise: eps_h = sum_k rho^k xi_{h - k dt} / (sum_k rho^2k)^(1/2), rho = exp(-dt / memory).

    Each step's noise is standard normal, so a step draws what it draws without memory; what is unknown (a model's error
    more than chance, where the weather is given) then pushes a member the same way for a while instead of averaging
    out, and the ensemble spreads as its error grows. As a finite sum over fields keyed by their hour it is the same
    wherever a run is cut.

    Paired members 2k and 2k + 1 have the noise of the unpaired member k, and its opposite. Each is as good a draw as
    any; as long as opposite noise has nearly opposite effects, that part of the noise leaves the ensemble mean, which
    then is the mean of many more members. What paired members tell of the spread, M / 2 of them tell as well.

    Source: Palmer et al. 2009, ECMWF Technical Memorandum 598 (noise with a memory as an ensemble's model error).
    Hammersley and Morton 1956, Proc. Camb. Phil. Soc. 52 (antithetic variates).

    Args:
        context: Seed, store member, hour, members, and whether they are paired.
        shape: (channel, y, x).
        step_hours: dt.
        memory_hours: Time after which the correlation has fallen to about 1/e; 0 for none.
        fields: ``fields(seed, members, shape, *key)``: standard normal arrays, or tensors.

    Returns:
        (member, channel, y, x), float32, an array or a tensor as ``fields`` gives them.
    """
    rho = math.exp(-step_hours / memory_hours) if memory_hours > 0 else 0.0
    terms = 1 + (math.floor(math.log(_LEAST) / math.log(rho)) if rho > 0 else 0)
    weights = rho ** np.arange(terms)
    weights /= np.sqrt((weights**2).sum())
    numbers = draw_numbers(context.members, paired=context.paired)
    total: Any = 0.0
    for k, weight in enumerate(weights):
        hour = context.hour - k * step_hours
        total = total + float(weight) * fields(context.seed, numbers, shape, "forecast", context.store_member, hour)
    if context.paired:
        total[[member % 2 == 1 for member in context.members]] *= -1.0
    return total


def draw_numbers(members: Sequence[int], *, paired: bool) -> list[int]:
    """Return the number of the noise of each member: its own, or that of its pair."""
    return [m // 2 if paired else m for m in members]
