"""Network space to physical states and back on tensors, any device: what codecs do to arrays, and gradients flow."""

from collections.abc import Callable
from functools import singledispatch

import numpy as np
import torch
from torch import Tensor, nn

from halocline.chain.latent import LatentStates
from halocline.data.codecs.ice import IceCodec
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.padding import Padding
from halocline.data.codecs.response import ResponseAt
from halocline.data.codecs.standard import Codec
from halocline.data.fields.layout import Layout


class TensorSpace(nn.Module):
    """A codec on tensors; agrees with the codec's arrays to rounding."""

    def decode(self, values: Tensor) -> Tensor:
        """Return physical states (member, channel, y, x) float32 of network-space values, dry cells NaN."""
        raise NotImplementedError

    def encode(self, states: Tensor) -> Tensor:
        """Return network-space values (member, channel, y, x) float32 of physical states; dry cells become 0."""
        raise NotImplementedError


@singledispatch
def tensor_space(space: object) -> TensorSpace | None:
    """Return a codec on tensors; None for one that only knows arrays. Others are added with ``tensor_space.register``.

    Args:
        space: A codec, or ``LatentStates``.
    """
    return None


@tensor_space.register(Codec)
class StandardTensors(TensorSpace):
    """``Codec`` on tensors: what lies at or beyond a bound comes back as the bound itself, with gradient 0."""

    mask: Tensor
    mean: Tensor
    std: Tensor
    lower: Tensor
    upper: Tensor
    least: Tensor
    largest: Tensor

    def __init__(self, codec: Codec) -> None:
        super().__init__()
        self._codec = codec
        lower = [-np.inf if v.lower is None else v.lower for v in codec.variables]
        upper = [np.inf if v.upper is None else v.upper for v in codec.variables]
        _keep(self, mask=codec.mask, mean=_column(codec.mean), std=_column(codec.std))
        _keep(self, lower=_column(lower, np.float32), upper=_column(upper, np.float32))
        least, largest = codec.bounds_in_network_space()
        _keep(self, least=_column(least), largest=_column(largest))

    def decode(self, values: Tensor) -> Tensor:
        """Return physical states of network-space values."""
        values = self._codec.padding.unpad(values)  # type: ignore[arg-type, assignment]
        physical = (values.double() * self.std + self.mean).float()
        physical = torch.where((values <= self.least) | (physical < self.lower), self.lower, physical)
        physical = torch.where((values >= self.largest) | (physical > self.upper), self.upper, physical)
        return torch.where(self.mask, physical, torch.nan)

    def encode(self, states: Tensor) -> Tensor:
        """Return network-space values of physical states; where the codec lifts a bound, the gradient is 0."""
        values = torch.where(self.mask, states, 0.0)
        scaled = torch.where(self.mask, (values.double() - self.mean) / self.std, 0.0).float()
        scaled, padding = _pad(scaled, self._codec.padding), self._codec.padding
        if self._codec.bounds != "lift":
            return scaled
        lifted = torch.from_numpy(self._codec.encode(states.detach().cpu().numpy())).to(scaled.device)
        return torch.where(_pad(values, padding) == self.lower, lifted, scaled)


@tensor_space.register(IceCodec)
class IceTensors(TensorSpace):
    """``IceCodec`` on tensors: gradients flow between the bounds, and are 0 at atoms and in open water."""

    mask: Tensor
    mean: Tensor
    std: Tensor

    def __init__(self, codec: IceCodec) -> None:
        super().__init__()
        self._codec = codec
        _keep(self, mask=codec.mask, mean=_column(codec.mean), std=_column(codec.std))

    def decode(self, values: Tensor) -> Tensor:
        """Return physical states of network-space values."""
        u = self._codec.padding.unpad(values).double() * self.std + self.mean  # type: ignore[arg-type, attr-defined]
        fields = self._codec.physical(u.unbind(1), torch)
        return torch.where(self.mask, torch.stack(fields, dim=1).float(), torch.nan)

    def encode(self, states: Tensor) -> Tensor:
        """Return network-space values of physical states; no gradient flows."""
        return torch.from_numpy(self._codec.encode(states.detach().cpu().numpy())).to(states.device)


@tensor_space.register(OceanCodec)
class OceanTensors(TensorSpace):
    """``OceanCodec`` on tensors: levels chosen, and those between linear in depth; padded."""

    wet: Tensor
    mean: Tensor
    std: Tensor
    above: Tensor
    below: Tensor
    share: Tensor
    between: Tensor

    def __init__(self, codec: OceanCodec) -> None:
        super().__init__()
        self._fields, self._kept, self._padding = codec.fields, codec.kept, codec.padding
        self._every = codec.levels.every
        _keep(self, wet=codec.wet, mean=codec.mean, std=_column(codec.std))
        levels = np.arange(len(codec.levels.depth))
        above = levels // self._every
        below = np.minimum(above + 1, len(codec.levels.kept) - 1)
        low, high = (codec.levels.depth[codec.levels.kept[n]] for n in (above, below))
        inside = (levels % self._every > 0) & (below > above)
        share = np.where(inside, (codec.levels.depth - low) / np.where(high > low, high - low, 1.0), 0.0)
        between = inside[:, None, None] & codec.levels.wet[codec.levels.kept[below]]
        _keep(self, above=above, below=below, share=_column(share), between=between)

    def decode(self, values: Tensor) -> Tensor:
        """Return physical states of network-space values."""
        full = self._each(self._padding.unpad(values.double()), self._kept, self._expand)  # type: ignore[arg-type]
        return torch.where(self.wet, (full * self.std + self.mean).float(), torch.nan)

    def encode(self, states: Tensor) -> Tensor:
        """Return network-space values of physical states."""
        scaled = (torch.where(self.wet, states, 0.0).double() - self.mean) / self.std
        chosen = self._each(
            torch.where(self.wet, scaled, 0.0), self._fields, lambda part: part[..., :: self._every, :, :]
        )
        return _pad(chosen, self._padding).float()

    def _expand(self, part: Tensor) -> Tensor:
        above, below = part[..., self.above, :, :], part[..., self.below, :, :]
        return torch.where(self.between, above + self.share * (below - above), above)

    @staticmethod
    def _each(values: Tensor, fields: Layout, along_levels: Callable[[Tensor], Tensor]) -> Tensor:
        parts = [(values[..., fields[field.name], :, :], field.levels) for field in fields]
        return torch.cat([part if n is None else along_levels(part) for part, n in parts], dim=-3)


@tensor_space.register(ResponseAt)
class ResponseTensors(TensorSpace):
    """``ResponseAt`` on tensors: what the conditions decide is added to what the network knows."""

    known: Tensor

    def __init__(self, codec: ResponseAt) -> None:
        super().__init__()
        self._base = OceanTensors(codec.base)
        _keep(self, known=codec.mean)

    def decode(self, values: Tensor) -> Tensor:
        """Return physical states of network-space values."""
        return (self._base.decode(values).double() + self.known).float()

    def encode(self, states: Tensor) -> Tensor:
        """Return network-space values of physical states."""
        return self._base.encode(states.double() - self.known)


class LatentTensors(TensorSpace):
    """Latents to physical states and back, through decoder and encoder."""

    def __init__(self, states: LatentStates, codec: TensorSpace) -> None:
        super().__init__()
        self._latent, self._compute, self._codec = states.latent, states.compute, codec

    def decode(self, values: Tensor) -> Tensor:
        """Return physical states of latents (member, z, y/f, x/f)."""
        return self._codec.decode(self._latent.decode(values, self._compute).float())

    def encode(self, states: Tensor) -> Tensor:
        """Return latents of physical states."""
        return self._latent.encode(self._codec.encode(states), self._compute).float()


@tensor_space.register
def _latent(space: LatentStates) -> TensorSpace | None:
    codec = tensor_space(space.codec)
    return None if codec is None else LatentTensors(space, codec)


def _keep(module: nn.Module, **arrays: np.ndarray) -> None:
    for name, values in arrays.items():
        module.register_buffer(name, torch.tensor(values), persistent=False)


def _column(values: object, dtype: type = np.float64) -> np.ndarray:
    return np.asarray(values, dtype)[:, None, None]


def _pad(values: Tensor, padding: Padding) -> Tensor:
    for axis, name, (before, after) in ((-2, "y", padding.y), (-1, "x", padding.x)):
        n = values.shape[axis]
        if name in padding.periodic:
            around = torch.arange(-before, n + after, device=values.device) % n
            values = values.index_select(axis, around)
        else:
            widths = (0, 0, before, after) if axis == -2 else (before, after)
            values = nn.functional.pad(values, widths)
    return values
