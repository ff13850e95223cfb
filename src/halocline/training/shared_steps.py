"""One step of all optimisers, its costly part shared out over the processes of a training."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim import Muon, Optimizer

from halocline.runtime.ranks import Ranks
from halocline.training.flat import fill, flattened
from halocline.training.kernel_muon import KernelMuon

_MOMENTUM = "momentum_buffer"


class SharedSteps:
    """Steps optimisers in every process, each matrix of Muon's in one process, which gives it to the others.

    Orthogonalising a matrix costs as much in every process, however small its share of the batch; of an element-wise
    step, as AdamW's, that is not worth an exchange. All processes end a step with the same bits, which are those of a
    single process with the same gradient.

    Args:
        optimizers: They own every parameter once; the same ones in all processes.
        ranks: The processes.
    """

    def __init__(self, optimizers: Sequence[Optimizer], ranks: Ranks) -> None:
        self._optimizers, self._ranks = optimizers, ranks
        self._owned: list[list[nn.Parameter]] = [[] for _ in range(ranks.size)]
        self._of = {
            matrix: optimizer
            for optimizer in optimizers
            if isinstance(optimizer, Muon | KernelMuon)
            for group in optimizer.param_groups
            for matrix in group["params"]
        }
        costs = [0] * ranks.size
        for matrix in sorted(self._of, key=_cost, reverse=True):
            owner = costs.index(min(costs))
            costs[owner] += _cost(matrix)
            self._owned[owner].append(matrix)

    def step(self) -> None:
        """Move all parameters; gradients of matrices that another process moves are taken away."""
        for owner, matrices in enumerate(self._owned):
            for matrix in matrices if owner != self._ranks.rank else ():
                matrix.grad = None
        for optimizer in self._optimizers:
            optimizer.step()
        self._exchange([list(matrices) for matrices in self._owned])

    def complete(self) -> None:
        """Give each process the moments of all matrices, which a checkpoint holds."""
        if self._ranks.size > 1:
            self._exchange([[self._moment(matrix) for matrix in matrices] for matrices in self._owned])

    def _moment(self, matrix: nn.Parameter) -> Tensor:
        state = self._of[matrix].state[matrix]
        moment: Tensor = state.setdefault(_MOMENTUM, torch.zeros_like(matrix, memory_format=torch.preserve_format))
        return moment

    @torch.no_grad()
    def _exchange(self, owned: Sequence[Sequence[Tensor]]) -> None:
        """Fill the tensors that others own with their values."""
        ranks = self._ranks
        if ranks.size == 1 or not self._of:
            return
        mine = torch.cat(flattened(owned[ranks.rank], self._owned[ranks.rank]) or [next(iter(self._of)).new_empty(0)])
        longest = max(sum(tensor.numel() for tensor in tensors) for tensors in owned)
        found = ranks.all_of(nn.functional.pad(mine, (0, longest - len(mine))))
        for owner, values in enumerate(found):
            if owner != ranks.rank:
                fill(owned[owner], self._owned[owner], values)


def _cost(matrix: nn.Parameter) -> int:
    """Return about how many products the orthogonalising of a matrix, or of a kernel (out, in y x), takes."""
    size, short = matrix.numel(), min(matrix.shape[0], matrix.numel() // matrix.shape[0])
    return size * short + 10 * short**3
