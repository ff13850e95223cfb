"""Network space to physical states, as far as an estimate is known: atoms and thresholds smoothed by its uncertainty.

A decoder clips: an estimate beyond a bound decodes to the bound, with gradient 0, and a measurement that disagrees
could not pull it back. But an estimate x0_hat of a noisy field is uncertain, and what a measurement is to be compared
with is the mean of the decoded field, E[decode(x0_hat + s eps)], s the spread of the estimate at its noise level. That
mean is smooth where decode is not, its gradient is the statistical linearisation of decode (its slope averaged over
what is still possible), and it becomes decode as s goes to 0. Where s is small and the estimate beyond a bound, the
gradient is 0 because nothing else is left to believe.

Source: statistical linearisation, Gelb 1974, section 6.2; as posterior linearisation, García-Fernández et al. 2015,
IEEE Trans. Signal Process. 63, 5561.
"""

import math
from collections.abc import Collection
from functools import singledispatch
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from halocline.chain.latent import LatentStates
from halocline.chain.tensor_space import TensorSpace, tensor_space
from halocline.data.codecs.ice import CONCENTRATION, THICKNESS, IceCodec
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.sharpening import Sharpening
from halocline.data.codecs.standard import Codec
from halocline.data.codecs.transforms import Identity
from halocline.diffusion.likelihoods import censored_mean
from halocline.runtime.errors import ModelError

_FAR = 1e6  # stands for a bound that is none
_NODES = 9
_UNDONE = 14  # iterations that undo the sharpening: to 1e-4
_LEAST = 1e-6  # spread below which nothing is smoothed


class SmoothSpace(Protocol):
    """A codec on tensors in two parts: what is linear in the estimate, then what clips, smoothed.

    Attributes:
        bends: Whether the second part depends on the spread.
    """

    bends: bool

    def parts(self, values: Tensor) -> Tensor:
        """Return physical or transformed values (member, channel, y, x) before anything is clipped."""

    def physical(self, parts: Tensor, spread: Tensor) -> Tensor:
        """Return the mean of physical states (member, channel, y, x); dry cells hold any finite number.

        Args:
            parts: As ``parts`` returns them.
            spread: Their standard deviation (channel, 1, 1) or (channel, y, x).
        """


@singledispatch
def smooth_space(space: object, needed: Collection[str] | None = None) -> SmoothSpace:
    """Return a codec, or ``LatentStates``, in two parts. Others are added with ``smooth_space.register``.

    Args:
        space: The codec, or latents.
        needed: Variables that are looked at; what the others decode to may be left out. None for all.
    """
    found = tensor_space(space)
    if found is None:
        raise ModelError(
            f"codec {type(space).__name__}",
            found="one that only knows arrays",
            expected="one that gradients flow through",
            remedy="Register it: halocline.chain.tensor_space.tensor_space.register.",
        )
    return _Linear(found)


class _Linear:
    """A codec that clips nothing, or of which nothing else is known: decoded as it is."""

    bends = False

    def __init__(self, space: TensorSpace) -> None:
        self._space = space

    def parts(self, values: Tensor) -> Tensor:
        return torch.nan_to_num(self._space.to(values.device).decode(values), nan=0.0)

    def physical(self, parts: Tensor, spread: Tensor) -> Tensor:
        return parts


@smooth_space.register(OceanCodec)
def _ocean(space: OceanCodec, needed: Collection[str] | None = None) -> SmoothSpace:
    found = tensor_space(space)
    assert found is not None
    return _Linear(found)


class _Scaled(nn.Module):
    """x = mean + std * network values, in cells without padding."""

    bends = True
    mean: Tensor
    std: Tensor

    def __init__(self, codec: Codec | IceCodec) -> None:
        super().__init__()
        self._padding = codec.padding
        for name, values in (("mean", codec.mean), ("std", codec.std)):
            self.register_buffer(name, torch.tensor(values, dtype=torch.float32)[:, None, None], persistent=False)

    def parts(self, values: Tensor) -> Tensor:
        self.to(values.device)
        unpadded: Any = self._padding.unpad(values)  # type: ignore[arg-type]
        return unpadded.float() * self.std + self.mean  # type: ignore[no-any-return]


@smooth_space.register(Codec)
class SmoothStandard(_Scaled):
    """``Codec``: the mean of a normal clipped at the bounds, in closed form."""

    lower: Tensor
    upper: Tensor

    def __init__(self, codec: Codec, needed: Collection[str] | None = None) -> None:
        super().__init__(codec)
        for name in ("lower", "upper"):
            bounds = [getattr(v, name) for v in codec.variables]
            far = -_FAR if name == "lower" else _FAR
            values = torch.tensor([far if b is None else b for b in bounds], dtype=torch.float32)
            self.register_buffer(name, values[:, None, None], persistent=False)

    def physical(self, parts: Tensor, spread: Tensor) -> Tensor:
        """Return the mean of physical states."""
        smooth = censored_mean(parts, spread.clamp(min=_LEAST), self.lower, self.upper)
        free = (self.lower <= -_FAR) & (self.upper >= _FAR)
        return torch.where(free, parts, smooth)


@smooth_space.register(IceCodec)
class SmoothIce(_Scaled):
    """``IceCodec``: one smoothed ice mask; transforms and atoms by quadrature; thickness in closed form."""

    def __init__(self, codec: IceCodec, needed: Collection[str] | None = None) -> None:
        super().__init__(codec)
        self._codec = codec
        wanted = {CONCENTRATION, *(codec.channels if needed is None else needed)}
        self._sharpened = [
            k
            for k, (name, space) in enumerate(zip(codec.channels, codec.transforms, strict=True))
            if isinstance(space, Identity) and name in wanted
        ]
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        self._nodes = [(float(z), float(w / math.sqrt(2 * math.pi))) for z, w in zip(nodes, weights, strict=True)]

    def parts(self, values: Tensor) -> Tensor:
        """Return transformed values, thickness and drift no longer sharpened, as far as they are needed."""
        u = super().parts(values)
        if not self._sharpened:
            return u
        undone = _Undone.apply(u[:, self._sharpened], self._codec.sharpening, False)
        return u.index_copy(1, torch.tensor(self._sharpened, device=u.device), undone)

    def physical(self, parts: Tensor, spread: Tensor) -> Tensor:
        """Return the mean of physical states."""
        codec, spread = self._codec, spread.clamp(min=_LEAST)
        k = codec.channels.index(CONCENTRATION)
        ice = torch.special.ndtr((parts[:, k] - codec.edge) / spread[k])
        sic = self._mean(k, parts, spread, codec.edge)
        out = []
        for n, (var, inside) in enumerate(zip(codec.variables, codec.inside, strict=True)):
            part, s = parts[:, n], spread[n]
            if var.name == CONCENTRATION:
                out.append(sic)
            elif var.name == THICKNESS:
                above = (part - inside.least * sic) / s
                density = torch.exp(-0.5 * above**2) / math.sqrt(2 * math.pi)
                values = inside.least * sic + s * (above * torch.special.ndtr(above) + density)
                out.append(values * ice)
            else:
                values = self._mean(n, parts, spread)
                out.append(values * ice if var.zero_without_ice else values)
        return torch.stack(out, dim=1)

    def _mean(self, n: int, parts: Tensor, spread: Tensor, edge: float | None = None) -> Tensor:
        """Return the mean of one decoded channel over what is possible; 0 below the edge of the ice, if given."""
        codec = self._codec
        step = 0.0 if edge is not None else codec.tails.step
        space, var = codec.transforms[n], codec.variables[n]
        if isinstance(space, Identity) and var.lower is None and var.upper is None:
            return parts[:, n]
        total = torch.zeros_like(parts[:, n])
        for z, weight in self._nodes:
            u = parts[:, n] + z * spread[n]
            x = codec.inside[n].decoded(u, space, var, torch, step=step)
            total = total + weight * (x if edge is None else torch.where(u > edge, x, 0.0))
        return total


class _Undone(torch.autograd.Function):
    """x of H x = y, linear: gradients, to any order, by the transposed system, without a graph of the iteration."""

    @staticmethod
    def forward(ctx: Any, y: Tensor, sharpening: Sharpening, transposed: bool) -> Tensor:
        ctx.about = (sharpening, transposed)
        return sharpening.undo(y.detach(), _UNDONE, transposed=transposed)  # type: ignore[no-any-return]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        sharpening, transposed = ctx.about
        return _Undone.apply(grad, sharpening, not transposed), None, None  # type: ignore[no-untyped-call]


@smooth_space.register(LatentStates)
class SmoothLatent:
    """Latents through the autoencoder's decoder; the spread is that of what it makes of them."""

    def __init__(self, states: LatentStates, needed: Collection[str] | None = None) -> None:
        self._latent, self._compute = states.latent, states.compute
        self._codec = smooth_space(states.codec, needed)
        self.bends = self._codec.bends

    def parts(self, values: Tensor) -> Tensor:
        """Return what the decoder makes of latents, before anything is clipped."""
        return self._codec.parts(self._latent.decode(values, self._compute).float())

    def physical(self, parts: Tensor, spread: Tensor) -> Tensor:
        """Return the mean of physical states."""
        return self._codec.physical(parts, spread)
