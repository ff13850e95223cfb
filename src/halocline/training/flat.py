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


def parts(values: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """Return views of the values (number,) that ``flattened`` has put together, each as one of ``like`` lies in memory.

    More than they have are left over.
    """
    sizes = [one.numel() for one in like]
    pieces = values[: sum(sizes)].split(sizes)
    return [_back(piece, one) for piece, one in zip(pieces, like, strict=True)]


def _as(tensor: Tensor, like: Tensor) -> Tensor:
    """Return a view whose last dimension is that which is the fastest in the memory of ``like``."""
    return tensor.permute(0, 2, 3, 1) if _channels_last(like) else tensor


def _back(values: Tensor, like: Tensor) -> Tensor:
    if not _channels_last(like):
        return values.view(like.shape)
    outputs, inputs, ny, nx = like.shape
    return values.view(outputs, ny, nx, inputs).permute(0, 3, 1, 2)


def _channels_last(tensor: Tensor) -> bool:
    last = torch.channels_last
    return tensor.ndim == 4 and tensor.is_contiguous(memory_format=last) and not tensor.is_contiguous()
