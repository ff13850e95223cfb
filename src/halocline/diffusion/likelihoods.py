"""Negative log-likelihoods of decoder outputs: Gaussian, and Gaussian censored at physical bounds.

Source: Finn et al. 2024 (arXiv 2406.18417), censored likelihood in data space; Tobin 1958. All in float32: the
logarithm of the normal distribution function is not defined in half precision.
"""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

Likelihood = Literal["gaussian", "censored"]
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def gaussian_nll(x: Tensor, location: Tensor, log_scale: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """(x - mu)^2 / (2 s^2) + ln s + ln(2 pi)/2; the bounds are not used."""
    e = (x.float() - location.float()) * torch.exp(-log_scale)
    return 0.5 * e**2 + log_scale + _HALF_LOG_2PI


def censored_nll(x: Tensor, location: Tensor, log_scale: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """Gaussian density inside, probability of lying beyond the bound where x equals it.

    -ln Phi((a - mu)/s) at x = a, -ln Phi((mu - b)/s) at x = b. The bounds are compared exactly.

    Args:
        x: Data (batch, variable, y, x) in network space.
        location: mu, same shape.
        log_scale: ln s, broadcastable.
        lower: a, broadcastable; -inf where unbounded.
        upper: b, broadcastable; +inf where unbounded.
    """
    x, location = x.float(), location.float()
    e = (x - location) * torch.exp(-log_scale)
    inside = 0.5 * e**2 + log_scale + _HALF_LOG_2PI
    at_lower, at_upper = x <= lower, x >= upper
    # At a bound x is the bound itself, so e is the standardised distance; log_ndtr keeps the tail finite.
    inside = torch.where(at_lower, -torch.special.log_ndtr(torch.where(at_lower, e, 0.0)), inside)
    return torch.where(at_upper, -torch.special.log_ndtr(torch.where(at_upper, -e, 0.0)), inside)


LIKELIHOODS: dict[str, Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]] = {
    "gaussian": gaussian_nll,
    "censored": censored_nll,
}
"""-log p(x | location, scale), element by element, of (x, location, log_scale, lower, upper); shape of x."""


def censored_mean(location: Tensor, scale: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """Mean of clip(N(location, scale^2), lower, upper); bounds finite.

    a Phi(al) + b Phi(-be) + mu (Phi(be) - Phi(al)) + s (phi(al) - phi(be)), al = (a-mu)/s, be = (b-mu)/s.
    """
    al, be = (lower - location) / scale, (upper - location) / scale
    cdf = torch.special.ndtr
    pdf_al, pdf_be = (torch.exp(-0.5 * v**2 - _HALF_LOG_2PI) for v in (al, be))
    between = cdf(be) - cdf(al)
    return lower * cdf(al) + upper * cdf(-be) + location * between + scale * (pdf_al - pdf_be)
