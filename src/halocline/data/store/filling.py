"""Filling a store block by block in one pass: what is written already is taken up, statistics are made on the way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.store.statistics import Scan, share_out
from halocline.data.store.store import StateStore
from halocline.data.store.writer import StoreWriter
from halocline.runtime.errors import StoreError
from halocline.runtime.progress import Report


@dataclass(frozen=True)
class Block:
    """Samples of a member that are read together.

    Attributes:
        member: The member.
        first: Time index of the first.
        size: How many follow one another.
        read: Returns them one after the other (channel, y, x), in physical units.
    """

    member: int
    first: int
    size: int
    read: Callable[[], Iterable[np.ndarray]]


def fill_store(path: Path, blocks: Iterable[Block], report: Report | None = None) -> None:
    """Write the samples that are missing, then statistics and fingerprint as ``finish_store`` does.

    A sample is a file that appears whole, so that a filling that was killed goes on at the first block of which one is
    missing or damaged; the finished store is the same to the bit.

    Args:
        path: A store made by ``create_store``.
        blocks: All samples, member by member, each in order of time.
        report: Called with the number of samples done.

    Raises:
        StoreError: If a value on an ocean cell is not finite, or the blocks are not all samples in order.
        OutputError: If the disk is full.
    """
    store = share_out(path)
    writer, scan, done = StoreWriter(path), Scan(store), 0
    there = [written(path, member) for member in range(store.members)]
    for block in blocks:
        if (block.member, block.first) != divmod(done, len(store.hours)):
            raise _out_of_order(store, block, done)
        kept = (
            _kept(store, block)
            if there[block.member].issuperset(range(block.first, block.first + block.size))
            else None
        )
        samples = block.read() if kept is None else kept
        for index, values in enumerate(samples, block.first):
            scan.add(block.member, index, writer.write(block.member, index, values) if kept is None else values)
        done += block.size
        if report is not None:
            report(done, "")
    if done != store.members * len(store.hours):
        raise _out_of_order(store, None, done)
    scan.write(path)


def written(path: Path, member: int) -> set[int]:
    """Return the time indices of a member's samples that have been written."""
    folder = path / "states" / "c" / str(member)
    return {int(entry.name) for entry in folder.iterdir()} if folder.is_dir() else set()


def _kept(store: StateStore, block: Block) -> np.ndarray | None:
    try:
        return store.read_range(block.member, block.first, block.first + block.size)
    except StoreError:
        return None


def _out_of_order(store: StateStore, block: Block | None, done: int) -> StoreError:
    return StoreError(
        f"samples of {store.path}",
        found="no more" if block is None else f"member {block.member}, time {block.first}",
        expected=f"member {done // len(store.hours)}, time {done % len(store.hours)} of {len(store.hours)}",
        remedy="Give all samples in order.",
    )
