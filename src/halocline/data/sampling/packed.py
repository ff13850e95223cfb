"""A packed copy of what a surrogate trains on: state, forcing and degree days of each record, ocean cells only.

Random pairs of records are read some ten million times in a long training; the copy is one plain array that the
operating system keeps in memory as far as it fits. It lies in the training's own folder and goes with it.

Beside it lie the statistics (``records.json``) with a sha256 of each member's records, taken by the process that has
just written them, and looked at before a training begins or goes on.
"""

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halocline.data.fields.calendar import NOLEAP
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.data.sampling.mapped import let_go
from halocline.data.store.splits import Split, samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.processes.waiting import as_they_end
from halocline.runtime.progress import progress
from halocline.runtime.seals.json_object import damaged, read_json, write_json

_BYTES_AT_ONCE = 16_000_000
_DIGEST = "records_sha256"


class DamagedRecords(UserWarning):
    """Packed records are not as they were written; they are packed again."""


@dataclass(frozen=True, eq=False)
class Records:
    """The packed records of a store.

    Attributes:
        names: Channels: state, forcing, degree days.
        values: (record, channel, cell) float32, physical units; a record is member * times + time index.
        grid: The grid; cells are its ocean cells in row-major order.
        hours: Times (time,) in hours since 2000-01-01.
        statistics: ``mean`` and ``std`` by name over training records, ``change`` of a step over training pairs.
        calendar: Calendar of the hours.
        wet: Where a cell of the ocean is wet (channel, cell), for levels that the sea floor cuts; None for everywhere.
    """

    names: tuple[str, ...]
    values: np.ndarray
    grid: Grid
    hours: np.ndarray
    statistics: dict[str, dict[str, float]]
    calendar: str = NOLEAP
    wet: np.ndarray | None = None

    def hour(self, record: int) -> int:
        """Return the time of a record."""
        return int(self.hours[record % len(self.hours)])


def pairs_of(store: StateStore, split: Split, step_hours: int) -> np.ndarray:
    """Return (pair, 2) records one step apart, both in the split.

    Raises:
        InputError: If the store has no two states that are one step apart.
    """
    samples = samples_of(store, split)
    inside = set(samples)
    following = np.searchsorted(store.hours, store.hours + step_hours)
    times = len(store.hours)
    pairs = [
        (m * times + i, m * times + int(following[i]))
        for m, i in samples
        if following[i] < times
        and store.hours[following[i]] == store.hours[i] + step_hours
        and (m, int(following[i])) in inside
    ]
    if not pairs:
        steps = np.unique(np.diff(store.hours))
        raise InputError(
            f"store {store.path}, split '{split}'",
            found=f"no two states {step_hours} h apart (steps of {', '.join(map(str, steps[:4]))} h)",
            expected=f"states every {step_hours} h, or a divisor of it",
            remedy=f"Simulate with --interval-hours {step_hours}, or set step_hours to the store's.",
        )
    return np.array(pairs)


def require_variables(store: StateStore, state: Sequence[str], forcing: Sequence[str], degree_days: DegreeDays) -> None:
    """Raise InputError unless a store holds what a recipe needs."""
    missing = [name for name in (*state, *forcing) if name not in store.channels]
    if degree_days.windows and "t2m" not in forcing:
        missing.append("t2m (in the recipe's forcing; degree days are made of it)")
    if missing:
        raise InputError(
            f"variable '{missing[0]}' in {store.path}",
            found=f"a store with {', '.join(store.channels)}",
            expected=f"the recipe's variables {', '.join((*state, *forcing))}",
            remedy="Use a store that holds them, or change variables, forcing or degree_days with --set.",
        )


def pack(
    store: StateStore,
    state: Sequence[str],
    forcing: Sequence[str],
    degree_days: DegreeDays,
    step_hours: int,
    folder: Path,
    *,
    unknown: Mapping[str, float] | None = None,
    workers: int = 0,
    quiet: bool = True,
) -> Records:
    """Return the packed records of a store, from ``folder`` if they are there already, and are as they were written.

    Degree days over windows that the store is too short for are given as the numbers ``unknown``, by name, if these are
    known from elsewhere; otherwise as means over what there is. With two ``workers`` or more, members are packed side
    by side in as many processes.

    Raises:
        InputError: If the store lacks a variable, or states one step apart.
    """
    require_variables(store, state, forcing, degree_days)
    names = (*state, *forcing, *degree_days.names)
    wet = wet_of((*state, *forcing), store.grid)[:, store.grid.mask]
    wet = np.concatenate([wet, np.ones((len(degree_days.names), wet.shape[1]), bool)])
    data, about = folder / "records.npy", folder / "records.json"
    statistics = _kept(folder, (store.members * len(store.hours), *wet.shape), quiet)
    if statistics is None:
        pairs = pairs_of(store, "train", step_hours)
        files.remove(data)
        given = {names.index(name): number for name, number in (unknown or {}).items()}
        with files.new_path(data) as hidden:
            digests = _write(store, (*state, *forcing), degree_days, given, hidden, workers, quiet)
        statistics = _statistics(np.load(data, mmap_mode="r"), names, len(state), pairs, wet)
        write_json(about, {**statistics, _DIGEST: digests})
    values, cut = np.load(data, mmap_mode="r"), None if wet.all() else wet
    return Records(names, values, store.grid, store.hours, statistics, store.calendar, cut)


def _kept(folder: Path, shape: tuple[int, ...], quiet: bool) -> dict[str, Any] | None:
    """Return the statistics of packed records that are there and whole; of damaged ones nothing is left."""
    if not (folder / "records.json").exists():
        return None
    try:
        statistics = read_packed(folder, quiet=quiet)
        found = np.load(folder / "records.npy", mmap_mode="r").shape
        if found != shape:
            raise damaged(f"packed records {folder / 'records.npy'}", f"an array of {found}, expected {shape}")
        return statistics
    except InputError as error:
        warnings.warn(DamagedRecords(f"{error.field}: found {error.found}. They are packed again."), stacklevel=3)
        files.remove(folder / "records.json")
        return None


def read_packed(folder: Path, *, quiet: bool = True) -> dict[str, Any]:
    """Return the statistics of the packed records in a folder, after checking that both are as they were written.

    Raises:
        InputError: If they are not.
    """
    data, about = folder / "records.npy", folder / "records.json"
    statistics = read_json(about, "packed records")
    stated = statistics.pop(_DIGEST, None)  # none in trainings that an older version began
    try:
        if isinstance(stated, str):  # as an older version noted it
            fits = files.sha256_of(data) == stated
        else:
            values = np.load(data, mmap_mode="r")
            fits = stated is None or (
                len(stated) > 0
                and len(values) % len(stated) == 0
                and values.dtype == np.float32
                and values.flags.c_contiguous
                and _digests(values, len(stated), quiet) == stated
            )
    except (OSError, ValueError, EOFError) as error:
        raise damaged(f"packed records {data}", f"a file that cannot be read ({error})") from error
    if not fits:
        raise damaged(f"packed records {data}", "another sha256 than was noted")
    return statistics


def _digests(values: np.ndarray, members: int, quiet: bool) -> list[str]:
    parts = np.split(values, members)
    with progress("looking at packed records", members, quiet=quiet) as report:
        found = []
        for number, part in enumerate(parts, 1):
            found.append(_digest(part))
            report(number, "")
    return found


def _digest(rows: np.ndarray) -> str:
    """Return the sha256 of the records of a member."""
    digest = hashlib.sha256()
    count = max(1, _BYTES_AT_ONCE // max(1, rows[:1].nbytes))
    for first in range(0, len(rows), count):
        digest.update(rows[first : first + count].data)
        let_go(rows)
    return digest.hexdigest()


def _write(
    store: StateStore,
    channels: Sequence[str],
    degree_days: DegreeDays,
    given: Mapping[int, float],
    path: Path,
    workers: int,
    quiet: bool,
) -> list[str]:
    """Write all records; return the sha256 of each member's."""
    times, names = len(store.hours), len(channels) + len(degree_days.names)
    shape = (store.members * times, names, int(store.grid.mask.sum()))
    np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape).flush()
    parts = [(store.path, member, tuple(channels), degree_days, given, path) for member in range(store.members)]
    with progress("packing records", store.members * times, quiet=quiet) as report:
        if workers < 2:
            return [
                _write_member(*part, lambda done, member=member: report(member * times + done, ""))  # type: ignore[misc]
                for member, part in enumerate(parts)
            ]
        with worker_pool(min(workers, len(parts))) as pool:
            futures = [pool.submit(_write_member, *part) for part in parts]
            for done, future in enumerate(as_they_end(futures), 1):
                future.result()
                report(done * times, "")
            return [future.result() for future in futures]


def _write_member(
    source: Path,
    member: int,
    channels: Sequence[str],
    degree_days: DegreeDays,
    given: Mapping[int, float],
    path: Path,
    report: Callable[[int], None] = lambda done: None,
) -> str:
    """Write the rows of one member into the array of all; report how many; return their sha256."""
    store = open_store(source)
    wet, at = store.grid.mask, [store.channels.index(name) for name in channels]
    out = np.lib.format.open_memmap(path, mode="r+")
    rows = out[member * len(store.hours) : (member + 1) * len(store.hours)]
    for first, block in store.blocks(member):
        for row, sample in zip(rows[first:], block, strict=False):
            row[: len(at)] = sample[at][:, wet]
        report(first + len(block))
        let_go(rows)
        del block, sample  # before the next one is read
    few = max(1, _BYTES_AT_ONCE // rows[:1].nbytes)
    if degree_days.names:
        t2m = list(channels).index("t2m")
        for index, columns in enumerate(degree_days.stream(store.hours, lambda n: rows[n, t2m], store.calendar)):
            rows[index, len(at) :] = columns
            if index % few == 0:
                let_go(rows)
    for channel, number in given.items():
        rows[:, channel] = number
    out.flush()
    return _digest(rows)


def _statistics(
    values: np.ndarray, names: Sequence[str], state: int, pairs: np.ndarray, wet: np.ndarray
) -> dict[str, dict[str, float]]:
    """Return mean and std by name, and the std of changes; over the first records of the pairs, wet cells alike."""
    count = np.maximum(wet.sum(axis=1), 1) * len(pairs)  # dry cells are 0 and add nothing
    total, squares, change = np.zeros(len(names)), np.zeros(len(names)), np.zeros(state)
    few = max(1, _BYTES_AT_ONCE // values[:1].nbytes)
    for number, (now, later) in enumerate(pairs):
        if number % few == 0:
            let_go(values)
        field = values[now].astype(np.float64)
        total += field.sum(axis=1)
        squares += (field**2).sum(axis=1)
        change += ((values[later, :state].astype(np.float64) - field[:state]) ** 2).sum(axis=1)
    mean = total / count
    std = np.sqrt(np.maximum(squares / count - mean**2, 1e-24))
    return {
        "mean": dict(zip(names, mean.tolist(), strict=True)),
        "std": dict(zip(names, std.tolist(), strict=True)),
        "change": dict(zip(names, np.sqrt(np.maximum(change / count[:state], 1e-24)).tolist(), strict=False)),
    }
