"""Statistics and fingerprint of a store: over training years only, over wet cells only."""

import hashlib
from pathlib import Path

import numpy as np
import zarr

from halocline.data.fields.variables import channel_variable
from halocline.data.store.share_out import default_splits
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.data.store.years import whole_years
from halocline.runtime.errors import InputError
from halocline.runtime.progress import Report


def finish_store(path: Path, report: Report | None = None) -> None:
    """Read every sample once, write splits, statistics and fingerprint, and mark the store complete.

    Splits given to ``create_store`` are kept; else whole years are shared out, and an incomplete one at an end belongs
    to none. A store that is too short for splits (fewer than three years) is finished without; it can be looked at, not
    trained on.

    Raises:
        StoreError: If a sample is missing or damaged.
    """
    group = zarr.open_group(path, mode="r+")
    store = open_store(path, require_complete=False)
    if "splits" not in store.attributes:
        whole, number = whole_years(store.hours, store.calendar, store.years_begin), int(store.years()[-1]) + 1
        try:
            shared = default_splits(store.members, len(whole))
            splits = {name: [(m, whole[y]) for m, y in pairs] for name, pairs in shared.items()}
        except InputError:
            splits = {"train": [(m, y) for m in range(store.members) for y in range(number)]}
        group.attrs["splits"] = {name: [list(pair) for pair in pairs] for name, pairs in splits.items()}
        store = open_store(path, require_complete=False)
    statistics, fingerprint = _scan(store, report)
    group.attrs.update(
        {
            "statistics": statistics,
            "statistics_scope": "training years, ocean cells, unweighted",
            "fingerprint": fingerprint,
            "complete": True,
        }
    )


def verify_store(path: Path, report: Report | None = None) -> bool:
    """Read every sample again and tell whether the data still have the store's fingerprint."""
    store = open_store(path)
    return _scan(store, report)[1] == store.fingerprint


def _scan(store: StateStore, report: Report | None) -> tuple[dict[str, dict[str, float]], str]:
    training = set(samples_of(store, "train"))
    digest = hashlib.sha256(store.grid.released_fingerprint().encode())
    moments = _Moments(store.channels)
    for member in range(store.members):
        for first, block in store.blocks(member):
            digest.update(np.ascontiguousarray(block, "<f4").tobytes())
            for index, values in enumerate(block, first):
                if (member, index) in training:
                    moments.add(values.astype(np.float64), store.wet)
            if report is not None:
                report(member * len(store.hours) + first + len(block), "")
    return moments.result(), digest.hexdigest()[:16]


class _Moments:
    """Running sums per channel: mean, standard deviation, extremes, shares of exact bounds."""

    def __init__(self, channels: tuple[str, ...]) -> None:
        self._channels = channels
        self._count = np.zeros(len(channels))
        self._mean = np.zeros(len(channels))
        self._m2 = np.zeros(len(channels))
        self._min = np.full(len(channels), np.inf)
        self._max = np.full(len(channels), -np.inf)
        self._at_lower = np.zeros(len(channels))
        self._at_upper = np.zeros(len(channels))

    def add(self, values: np.ndarray, wet: np.ndarray) -> None:
        """Add (channel, y, x) values where ``wet`` is True (Chan et al. 1983, pairwise update)."""
        n = wet.sum(axis=(1, 2))
        some = np.maximum(n, 1)
        mean = values.sum(axis=(1, 2), where=wet) / some
        m2 = ((values - mean[:, None, None]) ** 2).sum(axis=(1, 2), where=wet)
        delta = mean - self._mean
        total = self._count + n
        self._mean += delta * n / np.maximum(total, 1)
        self._m2 += m2 + delta**2 * self._count * n / np.maximum(total, 1)
        self._count = total
        self._min = np.minimum(self._min, values.min(axis=(1, 2), where=wet, initial=np.inf))
        self._max = np.maximum(self._max, values.max(axis=(1, 2), where=wet, initial=-np.inf))
        for k, name in enumerate(self._channels):
            bounds = channel_variable(name)[0]
            lower, upper = bounds.lower, bounds.upper
            if lower is not None:
                self._at_lower[k] += np.count_nonzero(values[k][wet[k]] == lower)
            if upper is not None:
                self._at_upper[k] += np.count_nonzero(values[k][wet[k]] == upper)

    def result(self) -> dict[str, dict[str, float]]:
        """Return the statistics per channel; zeros for a level without a wet cell."""
        out = {}
        for k, name in enumerate(self._channels):
            count = max(1.0, float(self._count[k]))
            out[name] = {
                "mean": float(self._mean[k]),
                "std": float(np.sqrt(self._m2[k] / max(1.0, count - 1))),
                "min": float(self._min[k]) if self._count[k] else 0.0,
                "max": float(self._max[k]) if self._count[k] else 0.0,
                "share_at_lower": float(self._at_lower[k] / count),
                "share_at_upper": float(self._at_upper[k] / count),
            }
        return out
