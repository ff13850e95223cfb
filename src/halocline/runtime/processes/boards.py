"""Memory that the processes of one machine share: each writes on its own board, and all read all boards."""

import mmap
import os
import platform
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from halocline.runtime.processes.meeting import Meeting

if TYPE_CHECKING:
    from halocline.runtime.ranks import Ranks

_TOKEN = 16
_COUNT = 64
"""Byte at which a board counts its process's meetings; before it lies the token that tells it from other memory."""
_HEAD = mmap.PAGESIZE
_FLOAT = 4
_SMALL = 64
"""Numbers beyond the longest exchange that sums of a few may have."""


class Boards:
    """What ``Ranks`` sends by its network, left where the others read it: ``swapped``, ``all_of``, ``total``.

    A board has two halves that calls take in turn. Nobody writes on one before all have come to the call after the one
    that used it last, and have thereby read it; what a call returns is good until the next one.

    Attributes:
        size: How many processes there are.

    Args:
        ranks: The processes; sums too long for a board, or of another type, go by their network.
        boards: float32 numbers of each process's board (2, number), by rank.
        meeting: Where they wait for each other.
    """

    def __init__(self, ranks: "Ranks", boards: Sequence[Tensor], meeting: Meeting) -> None:
        self.size = ranks.size
        self._ranks, self._boards, self._meeting, self._half = ranks, boards, meeting, 0

    def swapped(self, parts: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        """Give process k the tensors of part k, and return what all have for this one, by rank; see Ranks.swapped."""
        lengths = [sum(map(len, part)) for part in parts]
        start = sum(lengths[: self._ranks.rank])
        half = self._write([tensor for part in parts for tensor in part])
        return [board[half, start : start + lengths[self._ranks.rank]] for board in self._boards]

    def all_of(self, mine: Sequence[Tensor], lengths: Sequence[int]) -> list[Tensor]:
        """Return the tensors of all processes as one of each, by rank; see Ranks.all_of."""
        half = self._write(mine)
        return [board[half, :length] for board, length in zip(self._boards, lengths, strict=True)]

    def total(self, mine: Tensor) -> Tensor:
        """Return the sum of all processes' tensors of the same shape; the same everywhere."""
        if mine.dtype != torch.float32 or mine.numel() > self._boards[0].shape[1]:
            return self._ranks.total(mine)
        first, *others = self.all_of([mine.flatten()], [mine.numel()] * self.size)
        for other in others:
            first = first + other
        return first.reshape(mine.shape)

    def _write(self, tensors: Sequence[Tensor]) -> int:
        half, self._half = self._half, 1 - self._half
        torch.cat(list(tensors), out=self._boards[self._ranks.rank][half, : sum(map(len, tensors))])
        with self._ranks.all_there():
            self._meeting.wait()
        return half


class _Address(NamedTuple):
    """Where a process's board is found, and how it is told from other memory."""

    process: int
    handle: int
    token: bytes


class _Board(NamedTuple):
    """The memory of a board; ``owner`` is a handle of its process (pidfd)."""

    memory: mmap.mmap
    owner: int


def open_boards(ranks: "Ranks", numbers: int) -> Boards | None:
    """Return boards for up to so many numbers a call, or None unless all processes can open each other's.

    That takes Linux, one machine and one user, and a processor of the x86 family: others need not keep the order of
    what is written. Boards have no name and no file: they are gone with the processes, however these end.

    Args:
        ranks: The processes.
        numbers: float32 numbers of the longest exchange; the same in all processes.
    """
    if ranks.size == 1:
        return None
    numbers += _SMALL
    size = _HEAD + 2 * _FLOAT * numbers
    handle, mine = _created(size)
    found = [_opened(address, size) for address in ranks.each(mine)]
    boards = [board for board in found if board is not None]
    all_found = int(ranks.total(torch.tensor(len(boards)))) == ranks.size**2
    if handle is not None:
        os.close(handle)  # who has mapped it keeps it
    if not all_found:
        for board in boards:
            os.close(board.owner)
        return None
    counts = [np.frombuffer(board.memory, np.int64, 1, _COUNT) for board in boards]
    owners = [board.owner for board in boards]
    values = [np.frombuffer(board.memory, np.float32, 2 * numbers, _HEAD).reshape(2, numbers) for board in boards]
    return Boards(ranks, [torch.from_numpy(each) for each in values], ranks.meeting(counts, owners))


def _created(size: int) -> tuple[int | None, _Address | None]:
    """Return the handle and the address of new memory, or None where the system has no such thing, or no room."""
    if platform.machine() not in ("x86_64", "AMD64") or not hasattr(os, "memfd_create"):
        return None, None
    try:
        handle = os.memfd_create("halocline")
    except OSError:
        return None, None
    token = secrets.token_bytes(_TOKEN)
    try:
        os.posix_fallocate(handle, 0, size)
        os.pwrite(handle, token, 0)
    except OSError:
        os.close(handle)
        return None, None
    return handle, _Address(os.getpid(), handle, token)


def _opened(address: _Address | None, size: int) -> _Board | None:
    """Return a board, or None if it is not of this machine, or its process belongs to somebody else."""
    if address is None:
        return None
    try:
        handle = os.open(f"/proc/{address.process}/fd/{address.handle}", os.O_RDWR)
    except OSError:
        return None
    try:
        if os.pread(handle, _TOKEN, 0) != address.token:
            return None
        return _Board(mmap.mmap(handle, size), os.pidfd_open(address.process))
    except (OSError, ValueError):
        return None
    finally:
        os.close(handle)
