"""Real states that an evaluation reads from a store, and how many of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.fields.calendar import NOLEAP, twelfth_of_year
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.disk_states import DiskStates, States
from halocline.runtime.errors import InputError

Pair = tuple[int, int]
"""(member, time index) of one state in a store."""

MAX_VALUES = 250_000_000
"""Most numbers of one set (1 GB as float32, on disk for sea ice); larger grids are read with fewer states."""


@dataclass(frozen=True, eq=False)
class RealStates:
    """States of a store, read into memory or written to a temporary file.

    Attributes:
        values: (sample, channel, y, x), physical units, land = 0.
        pairs: (member, time index) of each sample.
        hours: Valid time of each sample (sample,), hours since 2000-01-01.
        member_years: Number of the member-year of each sample (sample,).
        calendar: Calendar of the hours.
    """

    values: States
    pairs: list[Pair]
    hours: np.ndarray
    member_years: np.ndarray
    calendar: str = NOLEAP

    @property
    def months(self) -> np.ndarray:
        """Calendar month of each sample (sample,), 0..11, twelve equal parts of the year."""
        return twelfth_of_year(self.hours, self.calendar)


def read_states(
    store: StateStore,
    pairs: Sequence[Pair],
    channels: Sequence[str],
    progress: Callable[[float], None] = lambda done: None,
) -> RealStates:
    """Read samples of a store into memory.

    Args:
        store: Where to read.
        pairs: (member, time index) of each sample.
        channels: Variables to keep, in this order.
        progress: Called after each sample with the share done, 0..1.
    """
    values = np.empty((len(pairs), len(channels), *store.grid.shape), np.float32)
    for k, state in enumerate(_each(store, pairs, channels, progress)):
        values[k] = state[0]
    return _known(store, pairs, values)


def copy_states(
    store: StateStore,
    pairs: Sequence[Pair],
    channels: Sequence[str],
    progress: Callable[[float], None] = lambda done: None,
    folder: Path | None = None,
) -> RealStates:
    """Read samples of a store into a temporary file, in ``folder`` where others are to read it; see ``read_states``."""
    shape = (len(pairs), len(channels), *store.grid.shape)
    return _known(store, pairs, DiskStates.of(shape, _each(store, pairs, channels, progress), folder))


def _each(
    store: StateStore, pairs: Sequence[Pair], channels: Sequence[str], progress: Callable[[float], None]
) -> Iterator[np.ndarray]:
    chosen = [store.channels.index(name) for name in channels]
    for k, (member, index) in enumerate(pairs):
        yield store.read(member, index)[chosen][None]
        progress((k + 1) / len(pairs))


def _known(store: StateStore, pairs: Sequence[Pair], values: States) -> RealStates:
    members, times = np.array(pairs, np.int64).reshape(-1, 2).T
    return RealStates(
        values=values,
        pairs=[(int(m), int(t)) for m, t in pairs],
        hours=store.hours[times],
        member_years=members * 100_000 + store.years()[times],
        calendar=store.calendar,
    )


def stride(number: int, limit: int) -> int:
    """Return the least n for which every n-th of ``number`` things leaves at most ``limit``."""
    return max(1, -(-number // max(1, limit)))


def thinned(pairs: Sequence[Pair], limit: int) -> list[Pair]:
    """Return every n-th pair, with the least n that leaves at most ``limit``."""
    return list(pairs[:: stride(len(pairs), limit)])


def most_states(wanted: int, size: int) -> int:
    """Return how many states of ``size`` numbers to read: as many as wanted, fewer of very large ones."""
    return max(24, min(wanted, MAX_VALUES // size))


def require_two(number: int) -> None:
    """Raise InputError if there are fewer than two generated states."""
    if number < 2:
        raise InputError(
            "members",
            found=f"{number} state(s)",
            expected="at least two",
            remedy="Scores compare sets of states: generate more members.",
        )
