"""Melting and freezing up to an hour, carried on from step to step without reading the past again."""

import warnings

import numpy as np

from halocline.chain.forecast.weather import Weather
from halocline.data.fields.degree_days import DegreeDays, lead_in, summed_parts


class ShortHistory(UserWarning):
    """The weather begins less than the longest window of degree days before the start."""


class AirHistory:
    """Degree days of a source of weather; sums are whole numbers, so that they do not depend on where they began.

    Args:
        weather: Air temperature by hour.
        degree_days: The windows.
        mask: Ocean (y, x).
    """

    def __init__(self, weather: Weather, degree_days: DegreeDays, mask: np.ndarray) -> None:
        self._weather, self._degree_days, self._mask = weather, degree_days, mask
        hours = weather.hours
        before = lead_in(hours, weather.calendar)[1]
        self._read_at = np.concatenate([hours[: len(before)], hours])
        self._hours = np.concatenate([before, hours])
        self._ends = dict.fromkeys(degree_days.windows, (0, 0))
        self._sums = {days: np.zeros((2, int(mask.sum())), np.int64) for days in degree_days.windows}
        self._kept: dict[int, np.ndarray] = {}

    @staticmethod
    def working_bytes(weather: Weather, degree_days: DegreeDays, mask: np.ndarray) -> int:
        """Return memory in bytes: of the records in the longest window (int32) and of the sums (int64), ocean cells."""
        longest = 24 * max(degree_days.windows, default=0)
        between = int(np.diff(weather.hours).min(initial=longest or 1))
        records = min(longest // between, 2 * len(weather.hours)) + 2 if longest else 0
        return (4 * records + 2 * 8 * len(degree_days.windows)) * int(mask.sum())

    def at(self, hour: int) -> np.ndarray:
        """Return (channel, y, x) float32 in K, 0 on land; hours must not decrease from call to call."""
        windows = self._degree_days.windows
        out = np.zeros((2 * len(windows), *self._mask.shape), np.float32)
        last = int(np.searchsorted(self._hours, hour, side="right"))
        for k, days in enumerate(windows):
            first = int(np.searchsorted(self._hours, hour - 24 * days, side="right"))
            old_first, old_last = self._ends[days]
            if old_last <= first:  # the first call, or a leap: begin anew
                old_first = old_last = first
                self._sums[days][:] = 0
            for record in range(old_last, last):
                self._sums[days] += summed_parts(self._excess(record))
            for record in range(old_first, first):
                self._sums[days] -= summed_parts(self._excess(record))
            self._ends[days] = (first, last)
            out[2 * k : 2 * k + 2, self._mask] = self._degree_days.mean(self._sums[days], last - first)
        oldest = min((first for first, _ in self._ends.values()), default=0)
        self._kept = {record: excess for record, excess in self._kept.items() if record >= oldest}
        return out

    def warn_if_short(self, hour: int) -> None:
        """Warn if the longest window reaches back beyond the first record."""
        longest = max(self._degree_days.windows, default=0)
        if longest and self._hours[0] > hour - 24 * longest + 24:
            have = (hour - int(self._hours[0])) / 24
            warnings.warn(
                ShortHistory(
                    f"{self._weather.name} begins {have:.0f} days before the start; melting and freezing are means "
                    f"over these instead of {longest} days. Give forcing from {longest} days before the start."
                ),
                stacklevel=2,
            )

    def _excess(self, record: int) -> np.ndarray:
        if record not in self._kept:
            t2m = self._weather.read(int(self._read_at[record]), ("t2m",))[0][self._mask]
            self._kept[record] = self._degree_days.excess(t2m)
        return self._kept[record]
