"""Density of sea water by the equation of state."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from halocline.analysis.operators.combinations.base import COMBINATIONS, Where
from halocline.physics.eos import DINO_EOS, EquationOfState


@COMBINATIONS.register("density")
def density(values: Sequence[Tensor], where: Where, eos: EquationOfState = DINO_EOS) -> Tensor:
    """Return the density in situ (kg m-3) of temperature and salinity; gradients by the equation's derivatives."""
    return _Density.apply(values[0], values[1], where.depth, eos)  # type: ignore[no-any-return]


class _Density(torch.autograd.Function):
    """rho(T, S, depth): values and derivatives in float64, linear in between."""

    @staticmethod
    def forward(ctx: Any, thetao: Tensor, so: Tensor, depth: np.ndarray, eos: EquationOfState) -> Tensor:
        t, s = (v.detach().cpu().double().numpy() for v in (thetao, so))
        ctx.save_for_backward(*(torch.from_numpy(d).to(thetao) for d in eos.derivatives(t, s, depth)))
        return torch.from_numpy(eos.density(t, s, depth)).to(thetao)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:  # type: ignore[override]
        by_t, by_s = ctx.saved_tensors
        return grad * by_t, grad * by_s, None, None
