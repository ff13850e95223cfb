"""How the processes of a training exchange what a step needs."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from halocline.runtime.processes.boards import open_boards
from halocline.runtime.ranks import Ranks


class Exchange(Protocol):
    """How tensors reach other processes: over a network (Ranks), or through the memory of a machine (Boards)."""

    @property
    def size(self) -> int:
        """How many processes there are."""

    def total(self, mine: Tensor) -> Tensor:
        """Return the sum of all processes' tensors of the same shape; the same everywhere."""

    def swapped(self, parts: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """Give process k the tensors of part k, and return what all have for this one as one each, by rank."""

    def all_of(self, mine: Sequence[Tensor], lengths: Sequence[int]) -> list[Tensor]:
        """Return the tensors of all processes as one each, by rank."""


def exchange_of(parameters: Sequence[Tensor], ranks: Ranks) -> Exchange:
    """Return the memory of the machine, if all parameters and processes are there, otherwise the network."""
    if ranks.size > 1 and all(p.device.type == "cpu" and p.dtype == torch.float32 for p in parameters):
        return open_boards(ranks, sum(p.numel() for p in parameters)) or ranks
    return ranks
