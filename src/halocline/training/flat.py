"""Many tensors as one, for an exchange between processes: copied as they lie in memory."""

from collections.abc import Sequence

import torch
from torch import Tensor


def flattened(tensors: Sequence[Tensor], like: Sequence[Tensor]) -> list[Tensor]:
    """Return each tensor in one dimension, in the order in which ``like`` lies in memory; views, where that is theirs.

    Args:
        tensors: Any.
        like: Tensors of the same shapes that lie alike in all processes, such as parameters. A gradient need not.
    """
    return [_as(tensor, one).flatten() for tensor, one in zip(tensors, like, strict=True)]


@torch.no_grad()
def fill(tensors: Sequence[Tensor], like: Sequence[Tensor], values: Tensor) -> None:
    """Give tensors the values (number,) that ``flattened`` has put together; more than they have are left over."""
    start = 0
    for tensor, one in zip(tensors, like, strict=True):
        there = _as(tensor, one)
        there.copy_(values[start : start + tensor.numel()].view(there.shape))
        start += tensor.numel()


def _as(tensor: Tensor, like: Tensor) -> Tensor:
    """Return a view whose last dimension is that which is the fastest in the memory of ``like``."""
    last = like.ndim == 4 and like.is_contiguous(memory_format=torch.channels_last) and not like.is_contiguous()
    return tensor.permute(0, 2, 3, 1) if last else tensor
