"""How the processes of a run find each other, and part."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from halocline.runtime.errors import ConfigError, HaloclineError, RankError
from halocline.runtime.processes.lifeline import watch
from halocline.runtime.ranks import STEP, WORK, Ranks

if TYPE_CHECKING:
    import torch


@contextlib.contextmanager
def joined_ranks(device: "torch.device | None", together: type[Exception] | tuple[()] = ()) -> Iterator[Ranks]:
    """Join the processes of a run for a block. Of an error that several raise, one has to be shown: see ``repeated``.

    A block that fails leaves the group, so that nobody waits in it for this process; on GPUs, once it has ended.

    Args:
        device: Where this process computes.
        together: What all processes raise at the same point, if they end the block early.

    Raises:
        ConfigError: If the other processes cannot be reached.
    """
    ranks = join_ranks(device)
    try:
        yield ranks
    except HaloclineError as error:
        error.repeated = error.repeated or ranks.told_already(str(error))
        ranks.fail(1.0 if isinstance(error, RankError) else 10.0)  # who has died already never tells
        raise
    except together:
        ranks.leave()
        raise
    ranks.leave()


def join_ranks(device: "torch.device | None" = None) -> Ranks:
    """Join the processes that torchrun or srun has started; one process if none has.

    Args:
        device: Where this process computes. On a GPU of its own (``cuda:LOCAL_RANK``) tensors travel by NCCL; on the
            CPU, or where processes share a GPU, by Gloo.

    Raises:
        ConfigError: If the other processes cannot be reached.
    """
    size = processes()
    if size == 1:
        return Ranks()
    import torch.distributed

    _end_with_torchrun()
    own_gpu = device is not None and device.type == "cuda" and str(device.index) == os.environ.get("LOCAL_RANK")
    if own_gpu:
        torch.cuda.set_device(device)
    try:
        store, rank, size = next(iter(torch.distributed.rendezvous("env://", timeout=STEP)))
        # Notes of a group that these processes have left before lie there still.
        store = torch.distributed.PrefixStore(str(store.add(f"halocline joined {rank}", 1)), store)
        backend = "cpu:gloo,cuda:nccl" if own_gpu else "gloo"
        torch.distributed.init_process_group(backend, store=store, rank=rank, world_size=size, timeout=STEP)
        patient = torch.distributed.new_group(backend="gloo", timeout=WORK)
    except (RuntimeError, ValueError) as error:
        remedy = "Start them with: torchrun --nproc-per-node N -m halocline …, or as docs/howto/cluster.md says."
        raise ConfigError(
            "torchrun", found=str(error).splitlines()[0], expected=f"{size} processes that can talk", remedy=remedy
        ) from error
    return Ranks(rank, size, patient, store)


def _end_with_torchrun() -> None:
    """Have this process end with torchrun, and at once on a signal: it may be waiting for others that have gone."""
    import torch.distributed

    if torch.distributed.is_torchelastic_launched():
        watch(os.getppid())
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)


def processes() -> int:
    """Return how many processes the environment says a run has."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Return whether this process is the one that speaks for all, by the environment."""
    return processes() == 1 or int(os.environ.get("RANK", "0")) == 0


def refuse_overwrite(overwrite: bool) -> None:
    """Raise ConfigError if several processes are asked to replace an old output."""
    if overwrite and processes() > 1:
        raise ConfigError(
            "--overwrite",
            found=f"given to {processes()} processes",
            expected="one process that replaces the old output",
            remedy="Write to another --out, or remove the old output first.",
        )
