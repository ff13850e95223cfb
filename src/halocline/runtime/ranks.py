"""The only place that talks to torch.distributed: who am I, share, wait, add up."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from halocline.runtime.errors import ConfigError, HaloclineError, RankError
from halocline.runtime.processes.lifeline import watch

if TYPE_CHECKING:
    import numpy as np
    import torch
    from torch import Tensor

T = TypeVar("T")
STEP = timedelta(minutes=10)
"""How long processes wait for a sum: all are at the same step."""
WORK = timedelta(days=1)
"""How long they wait for work that the first does for all: it packs records, validates, writes."""


@dataclass(frozen=True)
class Ranks:
    """The processes of a run, as torchrun or srun starts them; one process without it.

    Methods raise RankError where another process has ended.

    Attributes:
        rank: Number of this process, from 0.
        size: How many there are.
        patient: Group in which they wait for WORK.
        store: Where they leave each other notes.
    """

    rank: int = 0
    size: int = 1
    patient: Any = field(default=None, compare=False, repr=False)
    store: Any = field(default=None, compare=False, repr=False)

    def wait(self) -> None:
        """Wait until all processes have come this far."""
        if self.size > 1:
            import torch.distributed

            with _all_there(self.size):
                torch.distributed.barrier(group=self.patient)

    def share(self, count: int) -> range:
        """Return the numbers out of 0..count-1 that are this process's: one block; blocks differ by one at most."""
        return range(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def total(self, mine: "Tensor") -> "Tensor":
        """Return the sum of all processes' tensors of the same shape; the same everywhere."""
        if self.size > 1:
            import torch.distributed

            mine = mine.contiguous()
            with _all_there(self.size):
                torch.distributed.all_reduce(mine)
        return mine

    def all_of(self, mine: "Tensor") -> "list[Tensor]":
        """Return the tensors of all processes, of the same shape, by rank."""
        if self.size == 1:
            return [mine]
        import torch.distributed

        found = [mine.new_empty(mine.shape) for _ in range(self.size)]
        with _all_there(self.size):
            torch.distributed.all_gather(found, mine)
        return found

    def swapped(self, parts: "Sequence[Tensor]") -> "list[Tensor]":
        """Send part k (number,) to process k and return what all have sent to this one, by rank."""
        if self.size == 1:
            return [parts[0]]
        import torch
        import torch.distributed

        lengths, mine = [len(part) for part in parts], len(parts[self.rank])
        found = parts[0].new_empty(self.size, mine)
        with _all_there(self.size):
            torch.distributed.all_to_all_single(found.view(-1), torch.cat(list(parts)), [mine] * self.size, lengths)
        return list(found.unbind())

    def copy(self, tensors: "Iterable[Tensor]") -> None:
        """Give all processes the values of the first one's tensors."""
        if self.size > 1:
            import torch.distributed

            with _all_there(self.size), torch.no_grad():
                for tensor in tensors:
                    values = tensor.detach().contiguous()
                    torch.distributed.broadcast(values, src=0)
                    tensor.copy_(values)

    def lead(self, work: Callable[[], T]) -> T | None:
        """Let the first process do something while the others wait; an error that it raises, all raise.

        Returns:
            What ``work`` returns, in the first process; None in the others.
        """
        if self.size == 1:
            return work()
        import torch.distributed

        done: T | None = None
        error: list[HaloclineError | None] = [None]
        if self.rank == 0:
            try:
                done = work()
            except HaloclineError as raised:
                error = [raised]
        with _all_there(self.size):
            torch.distributed.broadcast_object_list(error, src=0, group=self.patient)
        if error[0] is not None:
            error[0].repeated = self.rank > 0
            raise error[0]
        return done

    def first(self, work: Callable[[], T]) -> T:
        """Return ``work()``, done by the first process before the others, which find what it has written."""
        mine = self.lead(work)
        return work() if self.rank else mine  # type: ignore[return-value]

    def in_turn(self, count: int, make: "Callable[[int], tuple[np.ndarray, T]]") -> "Iterator[tuple[np.ndarray, T]]":
        """Yield make(0), ..., make(count - 1) in the first process, each made by the process whose turn it is.

        The others yield nothing; they work ahead of the first by one at most, so that memory holds no more. An error
        that ``make`` raises in one of them, the first raises too.

        Args:
            count: How many.
            make: Returns an array and a note beside it.
        """
        if self.size == 1:
            yield from map(make, range(count))
            return
        for k in range(count):
            owner = k % self.size
            if owner == 0 and self.rank == 0:
                yield make(k)
            elif self.rank == 0:
                yield self._received(owner)
            elif self.rank == owner:
                self._send(lambda k=k: make(k))  # type: ignore[misc]

    def _send(self, make: "Callable[[], tuple[np.ndarray, Any]]") -> None:
        import numpy as np
        import torch.distributed

        error: HaloclineError | None = None
        try:
            array, note = make()
            head = [None, note, array.shape, array.dtype.str]
        except HaloclineError as raised:
            error, head = raised, [raised, None, (), "<f4"]
        with _all_there(self.size):
            torch.distributed.send_object_list(head, dst=0, group=self.patient)
            if error is None:
                torch.distributed.send(torch.from_numpy(np.ascontiguousarray(array)), dst=0, group=self.patient)
        if error is not None:
            error.repeated = True  # the first process has it, and tells it
            raise error

    def _received(self, owner: int) -> "tuple[np.ndarray, Any]":
        import numpy as np
        import torch.distributed

        head: list[Any] = [None] * 4
        with _all_there(self.size):
            torch.distributed.recv_object_list(head, src=owner, group=self.patient)
            error, note, shape, dtype = head
            if error is None:
                array = np.empty(shape, dtype)
                torch.distributed.recv(torch.from_numpy(array), src=owner, group=self.patient)
        if error is not None:
            raise error
        return array, note

    def told_already(self, text: str) -> bool:
        """Return whether another process has asked this of the same text before; False if that cannot be known."""
        with contextlib.suppress(RuntimeError):  # the process that kept the notes has ended
            return self.store is not None and self.store.add(f"halocline told {text}", 1) > 1
        return False

    def fail(self, seconds: float) -> None:
        """Let the others know that this process has failed: what they wait for together fails too.

        The first process, which keeps the notes, goes on until all have failed, or for ``seconds``: a process that is
        busy with something long learns of it later.
        """
        if self.size == 1:
            return
        import torch.distributed

        with contextlib.suppress(RuntimeError):
            ended = self.store.add("halocline failed", 1) if self.store is not None else self.size
            if torch.distributed.get_backend() == "gloo":  # NCCL would wait for the others first
                leave_ranks(self)
                object.__setattr__(self, "patient", None)  # the last one to hold it: its connections close
            latest = time.monotonic() + seconds
            while self.rank == 0 and ended < self.size and time.monotonic() < latest:
                time.sleep(0.02)
                ended = self.store.add("halocline failed", 0)


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
        leave_ranks(ranks)
        raise
    leave_ranks(ranks)


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


def leave_ranks(ranks: Ranks) -> None:
    """Leave the process group."""
    if ranks.size > 1:
        import torch.distributed

        torch.distributed.destroy_process_group()


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


@contextlib.contextmanager
def _all_there(size: int) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise RankError(
            f"one of the {size} processes of this run",
            found="it has ended, or cannot be reached",
            expected="all of them, to the end",
            remedy="See its own message. A training goes on from its last checkpoint with --resume, with any number of "
            "processes; other commands are given again.",
        ) from error
