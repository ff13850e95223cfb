"""The processes of a run: who am I, share, wait, add up. With joining.py the only place with torch.distributed."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from halocline.runtime.errors import HaloclineError, RankError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from halocline.runtime.processes.meeting import Meeting

T = TypeVar("T")
STEP = timedelta(minutes=10)
"""How long processes wait for a sum: all are at the same step."""
WORK = timedelta(days=1)
"""How long they wait for work that the first does for all: it packs records, validates, writes."""
_FAILED = "halocline failed"
"""How many processes have failed, among the notes of all."""


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

            with self.all_there():
                torch.distributed.barrier(group=self.patient)

    def share(self, count: int) -> range:
        """Return the numbers out of 0..count-1 that are this process's: one block; blocks differ by one at most."""
        return range(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def total(self, mine: "Tensor") -> "Tensor":
        """Return the sum of all processes' tensors of the same shape; the same everywhere."""
        if self.size > 1:
            import torch.distributed

            mine = mine.contiguous()
            with self.all_there():
                torch.distributed.all_reduce(mine)
        return mine

    def meeting(self, counts: "Sequence[np.ndarray]", processes: Sequence[int]) -> "Meeting":
        """Return where processes of one machine wait for each other, at a step; see Meeting."""
        from halocline.runtime.processes.meeting import Meeting

        return Meeting(counts, self.rank, processes, lambda: self.store.add(_FAILED, 0) > 0, STEP.total_seconds())

    def each(self, mine: T) -> list[T]:
        """Return what all processes have, small objects, by rank."""
        if self.size == 1:
            return [mine]
        import torch.distributed

        found: list[Any] = [None] * self.size
        with self.all_there():
            torch.distributed.all_gather_object(found, mine, group=self.patient)
        return found

    def all_of(self, mine: "Sequence[Tensor]", lengths: Sequence[int]) -> "list[Tensor]":
        """Return the tensors of all processes as one of each (number,), by rank.

        Args:
            mine: Tensors (number,) of this process; at least one of any length.
            lengths: Numbers of each process's together.
        """
        import torch
        import torch.distributed

        joined = torch.cat(list(mine))
        if self.size == 1:
            return [joined]
        padded = torch.nn.functional.pad(joined, (0, max(lengths) - len(joined)))
        found = [torch.empty_like(padded) for _ in range(self.size)]
        with self.all_there():
            torch.distributed.all_gather(found, padded)
        return [tensor[:length] for tensor, length in zip(found, lengths, strict=True)]

    def swapped(self, parts: "Sequence[Sequence[Tensor]]") -> "list[Tensor]":
        """Send the tensors (number,) of part k to process k and return what all have sent to this one, by rank."""
        import torch
        import torch.distributed

        joined = torch.cat([tensor for part in parts for tensor in part])
        if self.size == 1:
            return [joined]
        lengths = [sum(map(len, part)) for part in parts]
        mine = lengths[self.rank]
        found = joined.new_empty(self.size, mine)
        with self.all_there():
            torch.distributed.all_to_all_single(found.view(-1), joined, [mine] * self.size, lengths)
        return list(found.unbind())

    def copy(self, tensors: "Iterable[Tensor]") -> None:
        """Give all processes the values of the first one's tensors."""
        if self.size > 1:
            import torch.distributed

            with self.all_there(), torch.no_grad():
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
        with self.all_there():
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
        with self.all_there():
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
        with self.all_there():
            torch.distributed.recv_object_list(head, src=owner, group=self.patient)
            error, note, shape, dtype = head
            if error is None:
                array = np.empty(shape, dtype)
                torch.distributed.recv(torch.from_numpy(array), src=owner, group=self.patient)
        if error is not None:
            raise error
        return array, note

    @contextlib.contextmanager
    def all_there(self) -> Iterator[None]:
        """Raise RankError where the block cannot reach another process."""
        try:
            yield
        except RuntimeError as error:
            raise RankError(
                f"one of the {self.size} processes of this run",
                found="it has ended, or cannot be reached",
                expected="all of them, to the end",
                remedy="See its own message. A training goes on from its last checkpoint with --resume, with any "
                "number of processes; other commands are given again.",
            ) from error

    def leave(self) -> None:
        """Leave the process group."""
        if self.size > 1:
            import torch.distributed

            torch.distributed.destroy_process_group()

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
            ended = self.store.add(_FAILED, 1) if self.store is not None else self.size
            if torch.distributed.get_backend() == "gloo":  # NCCL would wait for the others first
                self.leave()
                object.__setattr__(self, "patient", None)  # the last one to hold it: its connections close
            latest = time.monotonic() + seconds
            while self.rank == 0 and ended < self.size and time.monotonic() < latest:
                time.sleep(0.02)
                ended = self.store.add(_FAILED, 0)
