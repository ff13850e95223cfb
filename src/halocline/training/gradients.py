"""The gradient of a batch that is passed in parts: over processes, and one after the other in each of them."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from halocline.data.sampling.part import Part
from halocline.runtime.device import Compute
from halocline.runtime.ranks import Ranks
from halocline.training.exchange import Exchange


class Loss(Protocol):
    """A loss that adds up over the parts of a batch."""

    def counts(self, batch: Any) -> Tensor:
        """Return what each mean of the loss divides by (term,), for a part of a batch."""

    def loss(self, batch: Any, whole: Tensor | None = None) -> Tensor:
        """Return the loss of a batch, or the share in it of a part, given the counts of all of it."""


def parts_of(ranks: Ranks, accumulate: int) -> list[Part]:
    """Return the parts of each batch that are this process's, in the order in which it passes them."""
    return [Part(ranks.rank * accumulate + k, ranks.size * accumulate) for k in range(accumulate)]


def backward(task: Loss, batch: Sequence[Any], exchange: Exchange, compute: Compute) -> Tensor:
    """Put the gradient of this process's parts of a batch into the parameters and return their loss, a scalar.

    Both are shares: over all processes they add up to the loss of the batch and its gradient.
    """
    whole = None
    if exchange.size * len(batch) > 1:
        with torch.no_grad(), compute.autocast():
            whole = exchange.total(torch.stack([task.counts(part) for part in batch]).sum(dim=0))
    losses = []
    for part in batch:
        with compute.autocast():
            loss = task.loss(part) if whole is None else task.loss(part, whole)
        loss.backward()
        losses.append(loss.detach())
    return losses[0] if len(losses) == 1 else torch.stack(losses).sum()
