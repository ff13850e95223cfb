"""Indices of the wind: how much the last days' wind held of its leading patterns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from halocline.data.fields.calendar import date_of, hour_of
from halocline.data.files.forcing import ForcingFile
from halocline.data.files.open import Source
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError
from halocline.runtime.progress import progress

WINDS = ("u10", "v10")
INDICES = 4
DAYS = 3.0
_FITTED = 1024  # means of so many spells at most
_LEAST_SHARE = 1e-3  # of the variance: a pattern that explains less is left out


def index_names(count: int) -> tuple[str, ...]:
    """Return what the indices are called: wind1, wind2, ..."""
    return tuple(f"wind{k + 1}" for k in range(count))


@dataclass(frozen=True, eq=False)
class WindIndices:
    """Indices <p_k, w - m>: w the mean wind (10 m, along the grid's axes) of the last days, m its mean.

    The patterns p_k are the leading empirical orthogonal functions of w over the training years, each cell counting
    the same, scaled so that each index has variance 1 there. Signs are such that a pattern's largest number is
    positive. Over land, where stores hold no wind, patterns are 0.

    Attributes:
        mean: m (2, y, x), m s-1.
        patterns: p_k (index, 2, y, x), s m-1.
        interval: Hours between the records of the training data.
        records: How many records, the present one included, w is the mean of.
        share: Of the variance of w that each pattern explains (index,).
        calendar: CF calendar of the training data.
    """

    mean: np.ndarray
    patterns: np.ndarray
    interval: int
    records: int
    share: tuple[float, ...]
    calendar: str

    @classmethod
    def fit(cls, store: StateStore, *, count: int = INDICES, days: float = DAYS, quiet: bool = True) -> "WindIndices":
        """Return the indices of a store's own wind over its training years.

        Args:
            store: With ``u10`` and ``v10``.
            count: How many at most; patterns of less than a thousandth of the variance are left out.
            days: Over which the wind is averaged.
            quiet: Show no progress.

        Raises:
            InputError: If the store has no wind, or fewer spells than indices.
        """
        at = _channels(store)
        interval = int(np.median(np.diff(store.hours))) if len(store.hours) > 1 else 24
        records = max(1, round(24 * days / interval))
        spells = _spells(samples_of(store, "train"), records)
        if len(spells) <= count:
            raise InputError(
                f"store {store.path}",
                found=f"{len(spells)} spells of {days:g} days in the training years",
                expected=f"more than the {count} indices of the wind",
                remedy="Simulate or import more years, or train without the condition 'wind'.",
            )
        chosen = spells[:: -(-len(spells) // _FITTED)]
        means = np.empty((len(chosen), 2, *store.grid.shape), np.float32)
        with progress("reading the wind", len(chosen), quiet=quiet) as report:
            for n, (member, first) in enumerate(chosen):
                means[n] = np.mean([store.read(member, first + k)[at] for k in range(records)], axis=0)
                report(n + 1, "")
        mean = means.mean(axis=0)
        rows = (means - mean).reshape(len(means), -1).astype(np.float64)
        values, vectors = np.linalg.eigh(rows @ rows.T)
        order = np.argsort(values)[::-1][:count]
        order = order[values[order] > _LEAST_SHARE * values.sum()]
        if not order.size:
            raise InputError(
                f"wind of {store.path}",
                found="the same wind all the time",
                expected="wind that changes",
                remedy="Train without the condition 'wind'.",
            )
        spread = np.sqrt(values[order] / len(rows))
        eofs = (rows.T @ vectors[:, order] / np.sqrt(values[order])).T
        largest = eofs[np.arange(len(order)), np.abs(eofs).argmax(axis=1)]
        patterns = (eofs * np.sign(largest)[:, None] / spread[:, None]).reshape(-1, *mean.shape)
        share = tuple(float(v) for v in values[order] / values.sum())
        return cls(mean, patterns.astype(np.float32), interval, records, share, store.calendar)

    @property
    def names(self) -> tuple[str, ...]:
        """What the indices are called."""
        return index_names(len(self.patterns))

    def of_wind(self, wind: np.ndarray) -> np.ndarray:
        """Return what one record (2, y, x), m s-1, adds to the indices (index,): they are means of these."""
        off = (wind - self.mean).reshape(-1)
        return np.asarray(self.patterns.reshape(len(self.patterns), -1) @ off, np.float64)

    def of_samples(
        self, store: StateStore, samples: Sequence[tuple[int, int]], *, quiet: bool = True
    ) -> dict[str, np.ndarray]:
        """Return the indices of stored states, name to (sample,).

        At the beginning of a store they are means of the records that there are.

        Args:
            store: On the grid of the patterns.
            samples: Member and time of each.
            quiet: Show no progress.
        """
        at, wanted = _channels(store), sorted(set(samples))
        needed = sorted({(m, k) for m, i in wanted for k in range(max(0, i - self.records + 1), i + 1)})
        held: dict[tuple[int, int], np.ndarray] = {}
        with progress("indices of the wind", len(needed), quiet=quiet) as report:
            for n, (member, index) in enumerate(needed):
                held[member, index] = self.of_wind(store.read(member, index)[at])
                report(n + 1, "")
        means = {
            (m, i): np.mean([held[m, k] for k in range(max(0, i - self.records + 1), i + 1)], axis=0) for m, i in wanted
        }
        table = np.array([means[sample] for sample in samples]).reshape(len(samples), -1)
        return dict(zip(self.names, table.T, strict=True))

    def of_file(self, weather: Source, at: str, grid: Grid, choices: Choices = AS_THE_FILE_SAYS) -> dict[str, float]:
        """Return the indices of a date in a file of weather; its dates are carried over to the calendar.

        Args:
            weather: With ``u10`` and ``v10`` in any form that forecasts take.
            at: The date, e.g. ``2007-03-15 12:00``.
            grid: Of the patterns.
            choices: What the file does not say.

        Raises:
            InputError: If the file does not cover the days before the date.
        """
        calendar = self.calendar
        file = ForcingFile(weather, WINDS, grid, calendar=calendar, choices=choices)
        last = hour_of(at, calendar)
        hours = [last - k * self.interval for k in range(self.records)]
        if min(hours) < file.hours[0] or max(hours) > file.hours[-1]:
            raise InputError(
                f"weather {weather}",
                found=f"records from {date_of(file.hours[0], calendar)} to {date_of(file.hours[-1], calendar)}",
                expected=f"wind from {date_of(min(hours), calendar)} to {date_of(last, calendar)}",
                remedy="Give a file that covers these days, or another date with --at.",
            )
        fields = (file.at(float(hour)) for hour in reversed(hours))
        means = np.mean([self.of_wind(np.stack([f[name] for name in WINDS])) for f in fields], axis=0)
        return dict(zip(self.names, map(float, means), strict=True))

    def to_card(self) -> dict[str, Any]:
        """Return what of them is no array, as JSON."""
        return {
            "interval": self.interval,
            "records": self.records,
            "share": list(self.share),
            "calendar": self.calendar,
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """Return mean and patterns."""
        return {"mean": self.mean.astype(np.float32), "patterns": self.patterns}

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "WindIndices":
        """Read both back."""
        mean, patterns = arrays["mean"], arrays["patterns"]
        return cls(mean, patterns, int(card["interval"]), int(card["records"]), tuple(card["share"]), card["calendar"])


def _channels(store: StateStore) -> list[int]:
    missing = [name for name in WINDS if name not in store.channels]
    if missing:
        raise InputError(
            f"condition 'wind' with {store.path}",
            found=f"a store without {', '.join(missing)}: {', '.join(store.channels)}",
            expected="the wind beside the states",
            remedy="Train without the condition 'wind', or make a store with u10 and v10.",
        )
    return [store.channels.index(name) for name in WINDS]


def _spells(samples: Sequence[tuple[int, int]], records: int) -> list[tuple[int, int]]:
    """Return member and first time of spells of consecutive samples that do not overlap."""
    there, spells, free = set(samples), [], (-1, -1)
    for member, index in sorted(there):
        whole = all((member, index + k) in there for k in range(records))
        if whole and (member, index) >= free:
            spells.append((member, index))
            free = (member, index + records)
    return spells
