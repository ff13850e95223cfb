"""Statistics and fingerprint of a store: over training years only, over wet cells only."""

import hashlib
from pathlib import Path

import numpy as np

from halocline.data.fields.variables import channel_variable
from halocline.data.store.share_out import default_splits
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.data.store.years import whole_years
from halocline.runtime.disk.flush import flush_tree
from halocline.runtime.disk.write_errors import explain_write_errors
from halocline.runtime.errors import InputError, StoreError
from halocline.runtime.progress import Report
from halocline.runtime.seals.zarr_group import change_attributes, check_seal


def finish_store(path: Path, report: Report | None = None) -> None:
    """Read every sample once, write splits, statistics and fingerprint, and mark the store complete.

    Splits given to ``create_store`` are kept; else whole years are shared out, and an incomplete one at an end belongs
    to none. A store that is too short for splits (fewer than three years) is finished without; it can be looked at, not
    trained on.

    Raises:
        StoreError: If a sample is missing or damaged.
    """
    store = share_out(path)
    _read_all(store, report).write(path)


def verify_store(path: Path, report: Report | None = None) -> bool:
    """Read everything again: the seal if there is one, every sample, the fingerprint and the statistics of all.

    Returns:
        Whether the store has a seal; those of older versions have none.

    Raises:
        StoreError: If something is not as it was written.
    """
    sealed = check_seal(path, "store", StoreError, whole=True) is not None
    store = open_store(path)
    scan = _read_all(store, report)
    if scan.fingerprint != store.fingerprint:
        raise _changed(path, f"states with the fingerprint {scan.fingerprint}", f"{store.fingerprint}, as written")
    if not _agree(scan.statistics(), store.statistics):
        raise _changed(path, "statistics that are not those of its training states", "the statistics of its states")
    return sealed


def _agree(found: dict[str, dict[str, float]], stated: dict[str, dict[str, float]]) -> bool:
    """Tell whether statistics are the same but for the rounding of other processors."""
    return all(
        np.isclose(number, stated.get(channel, {}).get(name, np.nan), rtol=1e-4, atol=1e-6)
        for channel, numbers in found.items()
        for name, number in numbers.items()
    )


def _changed(path: Path, found: str, expected: str) -> StoreError:
    remedy = "The store was changed on disk; copy it again or make it again."
    return StoreError(f"store {path}", found=found, expected=expected, remedy=remedy)


def share_out(path: Path) -> StateStore:
    """Return an unfinished store that has splits: its own, or else the default ones, which are written."""
    store = open_store(path, require_complete=False)
    if "splits" in store.attributes:
        return store
    whole, number = whole_years(store.hours, store.calendar, store.years_begin), int(store.years()[-1]) + 1
    try:
        shared = default_splits(store.members, len(whole))
        splits = {name: [(m, whole[y]) for m, y in pairs] for name, pairs in shared.items()}
    except InputError:
        splits = {"train": [(m, y) for m in range(store.members) for y in range(number)]}
    change_attributes(path, {"splits": {name: [list(pair) for pair in of] for name, of in splits.items()}})
    return open_store(path, require_complete=False)


class Scan:
    """Statistics and fingerprint of samples that come one by one, each member's in order of time.

    Args:
        store: A store with splits.
    """

    def __init__(self, store: StateStore) -> None:
        self._training = set(samples_of(store, "train"))
        self._digest = hashlib.sha256(store.grid.released_fingerprint().encode())
        self._moments = _Moments(store.channels, store.wet)

    def add(self, member: int, index: int, values: np.ndarray) -> None:
        """Add a sample (channel, y, x) float32 as a store's ``read`` gives it: 0 where dry."""
        self._digest.update(np.ascontiguousarray(values, "<f4").data)
        if (member, index) in self._training:
            self._moments.add(values)

    @property
    def fingerprint(self) -> str:
        """The sha256 of the data, shortened."""
        return self._digest.hexdigest()[:16]

    def statistics(self) -> dict[str, dict[str, float]]:
        """Return the statistics per channel of the samples so far."""
        return self._moments.result()

    def write(self, path: Path) -> None:
        """Write what was found into the attributes of a store, and mark it complete once all is on the disk."""
        with explain_write_errors(path):
            flush_tree(path)
            change_attributes(
                path,
                {
                    "statistics": self.statistics(),
                    "statistics_scope": "training years, ocean cells, unweighted",
                    "fingerprint": self.fingerprint,
                    "complete": True,
                },
            )


def _read_all(store: StateStore, report: Report | None) -> Scan:
    scan = Scan(store)
    for member in range(store.members):
        for first, block in store.blocks(member):
            for index, values in enumerate(block, first):
                scan.add(member, index, values)
            if report is not None:
                report(member * len(store.hours) + first + len(block), "")
    return scan


class _Moments:
    """Running sums per channel: mean, standard deviation, extremes, shares of exact bounds."""

    def __init__(self, channels: tuple[str, ...], wet: np.ndarray) -> None:
        self._channels = channels
        self._wet, self._cells = wet, [int(cells.sum()) for cells in wet]
        self._bounds = [(var.lower, var.upper) for var, _ in map(channel_variable, channels)]
        self._samples = 0
        self._mean = np.zeros(len(channels))
        self._m2 = np.zeros(len(channels))
        self._min = np.full(len(channels), np.inf)
        self._max = np.full(len(channels), -np.inf)
        self._at_lower = np.zeros(len(channels))
        self._at_upper = np.zeros(len(channels))

    def add(self, sample: np.ndarray) -> None:
        """Add the wet cells of a sample (channel, y, x) (Chan et al. 1983, pairwise update)."""
        for k, n in enumerate(self._cells):
            if not n:
                continue
            single = sample[k][self._wet[k]]
            values = single.astype(np.float64)
            mean = values.mean()
            delta, before = mean - self._mean[k], self._samples * n
            self._mean[k] += delta * n / (before + n)
            values -= mean
            self._m2[k] += np.square(values, out=values).sum() + delta**2 * before * n / (before + n)
            low, high = float(single.min()), float(single.max())
            self._min[k], self._max[k] = min(self._min[k], low), max(self._max[k], high)
            lower, upper = self._bounds[k]
            if lower is not None and low <= lower:
                self._at_lower[k] += np.count_nonzero(single == lower)
            if upper is not None and high >= upper:
                self._at_upper[k] += np.count_nonzero(single == upper)
        self._samples += 1

    def result(self) -> dict[str, dict[str, float]]:
        """Return the statistics per channel; zeros for a level without a wet cell."""
        out = {}
        for k, name in enumerate(self._channels):
            cells = self._samples * self._cells[k]
            count = max(1.0, float(cells))
            out[name] = {
                "mean": float(self._mean[k]),
                "std": float(np.sqrt(self._m2[k] / max(1.0, count - 1))),
                "min": float(self._min[k]) if cells else 0.0,
                "max": float(self._max[k]) if cells else 0.0,
                "share_at_lower": float(self._at_lower[k] / count),
                "share_at_upper": float(self._at_upper[k] / count),
            }
        return out
