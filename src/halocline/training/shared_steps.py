"""One step of all optimisers, shared out over the processes of a training: each parameter has an owner."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer

from halocline.runtime.ranks import Ranks
from halocline.training.exchange import Exchange, exchange_of
from halocline.training.flat import flattened, parts
from halocline.training.kernel_muon import KernelMuon

_MOMENTS: dict[type[Optimizer], tuple[str, ...]] = {
    AdamW: ("exp_avg", "exp_avg_sq"),
    Muon: ("momentum_buffer",),
    KernelMuon: ("momentum_buffer",),
}
_COUNT = "step"  # AdamW's, of each parameter


class SharedSteps:
    """Sums up the gradient of a batch and takes the optimisers' step, each parameter in the process that owns it.

    Each process has the gradient of its share of the batch. It sends that of every parameter to the owner, which adds
    up what comes by rank, moves the parameter, and gives it to the others: as many bytes as the sum of all gradients in
    all processes would take, and nothing but the passes of the network is done twice. All end a step with the same
    bits, those of one process that passes as many parts one after the other.

    Source: Rajbhandari et al. 2020, arXiv 1910.02054 (ZeRO, stage 1).

    Attributes:
        exchange: How the processes exchange what a step needs.

    Args:
        module: What is trained.
        optimizers: They own every parameter once; the same ones in all processes.
        ranks: The processes.
    """

    def __init__(self, module: nn.Module, optimizers: Sequence[Optimizer], ranks: Ranks) -> None:
        self._optimizers, self._ranks = optimizers, ranks
        self._of = {p: o for o in optimizers for group in o.param_groups for p in group["params"]}
        self._parameters = [p for p in module.parameters() if p in self._of]
        costs, self._owner = [0] * ranks.size, dict.fromkeys(self._parameters, 0)
        for parameter in sorted(self._parameters, key=self._cost, reverse=True):
            self._owner[parameter] = owner = costs.index(min(costs))
            costs[owner] += self._cost(parameter)
        self._owned = self._by_owner(self._parameters)
        self.exchange = exchange_of(self._parameters, ranks)

    def gather(self, clip: float, more: Tensor) -> tuple[Tensor, Tensor]:
        """Sum up the gradients of all processes and clip them, each in the owner; others let go of it.

        Args:
            clip: Largest norm of the whole gradient.
            more: What else is summed up (number,).

        Returns:
            The norm of the whole gradient before it was clipped, and the sums of ``more``, the same in all processes.
        """
        live = [p for p in self._parameters if p.grad is not None]
        self._owned = self._by_owner(live)
        mine = self._owned[self._ranks.rank]
        self._sum_of_mine(mine)
        norms = dict(zip(mine, torch._foreach_norm([_gradient(p) for p in mine]) if mine else (), strict=True))
        none = more.new_zeros(())
        found = self.exchange.total(torch.cat([torch.stack([norms.get(p, none) for p in live]), more]))
        norm = torch.linalg.vector_norm(found[: len(live)])
        nn.utils.clip_grads_with_norm_(mine, clip, norm)
        return norm, found[len(live) :]

    def step(self) -> None:
        """Move all parameters that have a gradient, each in its owner."""
        for optimizer in self._optimizers:
            optimizer.step()
        self._give([[(p, p) for p in owned] for owned in self._owned], self.exchange)

    def complete(self) -> None:
        """Give each process the moments of all parameters, which a checkpoint holds."""
        if self._ranks.size > 1:
            self._give([[pair for p in owned for pair in self._moments(p)] for owned in self._owned], self._ranks)

    def _by_owner(self, parameters: Sequence[nn.Parameter]) -> list[list[nn.Parameter]]:
        return [[p for p in parameters if self._owner[p] == rank] for rank in range(self._ranks.size)]

    def _cost(self, parameter: nn.Parameter) -> int:
        """Return about what moving a parameter costs: of a matrix or a kernel (out, in y x), products of numbers.

        Every call costs something whatever its size, one of Muon's as much as all products of a kernel (48, 48, 3, 3).
        """
        size, optimizer = parameter.numel(), self._of[parameter]
        if isinstance(optimizer, AdamW):
            return 40_000 + 8 * size
        short = min(parameter.shape[0], size // parameter.shape[0])
        return 2_400_000 + size * short + 10 * short**3

    @torch.no_grad()
    def _sum_of_mine(self, mine: Sequence[nn.Parameter]) -> None:
        if self._ranks.size == 1:
            return
        sent = [flattened([_gradient(p) for p in owned], owned) for owned in self._owned]
        total, *others = self.exchange.swapped(sent)
        for other in others:
            total = total + other
        for parameter, gradient in zip(mine, parts(total, mine), strict=True):
            parameter.grad = gradient
        for owner, owned in enumerate(self._owned):
            for parameter in owned if owner != self._ranks.rank else ():
                parameter.grad = None

    def _moments(self, parameter: nn.Parameter) -> list[tuple[Tensor, Tensor]]:
        """Return the optimiser's tensors of a parameter, each with one that lies alike in all processes."""
        state, optimizer = self._of[parameter].state[parameter], self._of[parameter]
        pairs: list[tuple[Tensor, Tensor]] = []
        for key in _MOMENTS[type(optimizer)]:
            empty = torch.zeros_like(parameter, memory_format=torch.preserve_format)
            pairs.append((state.setdefault(key, empty), parameter))
        if isinstance(optimizer, AdamW):
            count = state.setdefault(_COUNT, torch.zeros((), device=parameter.device))
            pairs.append((count, count))
        return pairs

    @torch.no_grad()
    def _give(self, owned: Sequence[Sequence[tuple[Tensor, Tensor]]], exchange: Exchange) -> None:
        """Fill the tensors that others own, each beside one that lies alike, with their values."""
        rank = self._ranks.rank
        if self._ranks.size == 1:
            return
        mine = [self._parameters[0].new_empty(0), *flattened(*_apart(owned[rank]))]
        lengths = [sum(tensor.numel() for tensor, _ in pairs) for pairs in owned]
        for owner, values in enumerate(exchange.all_of(mine, lengths)):
            if owner != rank and owned[owner]:
                tensors, alike = _apart(owned[owner])
                torch._foreach_copy_(tensors, parts(values, alike))


def _gradient(parameter: nn.Parameter) -> Tensor:
    assert parameter.grad is not None
    return parameter.grad


def _apart(pairs: Sequence[tuple[Tensor, Tensor]]) -> tuple[list[Tensor], list[Tensor]]:
    return [tensor for tensor, _ in pairs], [alike for _, alike in pairs]
