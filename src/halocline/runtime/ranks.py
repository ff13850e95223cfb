"""The only place that talks to torch.distributed: who am I, share, wait, add up."""

import os
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from halocline.runtime.errors import ConfigError
from halocline.runtime.processes.lifeline import watch

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Ranks:
    """The processes of a run, as torchrun starts them; one process without it.

    Attributes:
        rank: Number of this process, from 0.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    def wait(self) -> None:
        """Wait until all processes have come this far."""
        if self.size > 1:
            import torch.distributed

            torch.distributed.barrier()

    def share(self, count: int) -> range:
        """Return the numbers out of 0..count-1 that are this process's: one block; blocks differ by one at most."""
        return range(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def total(self, mine: "Tensor") -> "Tensor":
        """Return the sum of all processes' tensors of the same shape; the same everywhere."""
        if self.size > 1:
            import torch.distributed

            mine = mine.contiguous()
            torch.distributed.all_reduce(mine)
        return mine


def join_ranks(device: "torch.device | None" = None) -> Ranks:
    """Join the processes that torchrun has started; one process if it has not.

    Args:
        device: Where this process computes. On a GPU of its own (``cuda:LOCAL_RANK``) tensors travel by NCCL; on the
            CPU, or where processes share a GPU, by Gloo.

    Raises:
        ConfigError: If the other processes cannot be reached.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Ranks()
    import torch.distributed

    _end_with_torchrun()
    own_gpu = device is not None and device.type == "cuda" and str(device.index) == os.environ.get("LOCAL_RANK")
    if own_gpu:
        torch.cuda.set_device(device)
    try:
        torch.distributed.init_process_group("cpu:gloo,cuda:nccl" if own_gpu else "gloo")
    except (RuntimeError, ValueError) as error:
        remedy = "Start them with: torchrun -m halocline forecast …"
        raise ConfigError(
            "torchrun", found=str(error).splitlines()[0], expected=f"{size} processes that can talk", remedy=remedy
        ) from error
    return Ranks(torch.distributed.get_rank(), size)


def _end_with_torchrun() -> None:
    """Have this process end with torchrun, and at once on a signal: it may be waiting for others that have gone."""
    import torch.distributed

    if torch.distributed.is_torchelastic_launched():
        watch(os.getppid())
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)


def leave_ranks(ranks: Ranks) -> None:
    """Leave the process group."""
    if ranks.size > 1:
        import torch.distributed

        torch.distributed.destroy_process_group()
