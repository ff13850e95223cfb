"""The only place that talks to torch.distributed: who am I, share, wait, add up."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from halocline.runtime.errors import ConfigError

if TYPE_CHECKING:
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
        """Wait until all processes are here."""
        if self.size > 1:
            import torch.distributed

            torch.distributed.barrier()

    def share(self, count: int) -> range:
        """Return the numbers out of 0..count-1 that are this process's, in one piece; pieces differ by one at most."""
        return range(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def total(self, mine: "Tensor") -> "Tensor":
        """Return the sum of all processes' tensors of the same shape; the same everywhere."""
        if self.size > 1:
            import torch.distributed

            mine = mine.contiguous()
            torch.distributed.all_reduce(mine)
        return mine


def join_ranks(backend: str = "gloo") -> Ranks:
    """Join the processes that torchrun has started; one process if it has not.

    Raises:
        ConfigError: If the other processes cannot be reached.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Ranks()
    import torch.distributed

    try:
        torch.distributed.init_process_group(backend)
    except (RuntimeError, ValueError) as error:
        raise ConfigError(
            "torchrun",
            found=str(error).splitlines()[0],
            expected=f"{size} processes that can talk",
            remedy="Start them with: torchrun -m halocline forecast …",
        ) from error
    return Ranks(torch.distributed.get_rank(), size)


def leave_ranks(ranks: Ranks) -> None:
    """Say goodbye to the other processes."""
    if ranks.size > 1:
        import torch.distributed

        torch.distributed.destroy_process_group()
