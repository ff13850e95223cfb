"""Statistics of ocean training states by level and by cell, over wet cells of the training split."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import channel_variable
from halocline.data.files.validate import unit_hint
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError
from halocline.runtime.progress import progress

# A level that hardly varies is divided by no less than this share of its variable's most variable level: what it holds
# is then rounding and noise, not signal to be blown up to unit variance.
FLOOR = 1.0 / 300.0
_LEAST = 1e-6  # degC, psu, m; for a variable that does not vary at all


@dataclass(frozen=True, eq=False)
class OceanStatistics:
    """Means and spreads in physical units.

    Attributes:
        mean: Mean over snapshots of the horizontal mean (channel,).
        horizontal_std: Mean over snapshots of the horizontal standard deviation (channel,): no temporal variance.
        mean_state: Mean over snapshots (channel, y, x); 0 where dry.
        rms_anomaly: Root-mean-square departure from ``mean_state`` (channel,).
    """

    mean: np.ndarray
    horizontal_std: np.ndarray
    mean_state: np.ndarray
    rms_anomaly: np.ndarray

    @classmethod
    def of(cls, store: StateStore, *, every: int = 1, quiet: bool = True) -> "OceanStatistics":
        """Read the training states of a store once (Welford 1962, cell by cell).

        Memory holds one state, and two more in double precision.

        Raises:
            InputError: If a value lies outside its variable's plausible range: Kelvin, fractions.
        """
        check_ranges(store)
        pairs, wet = samples_of(store, "train", every=every), store.wet
        cells = np.maximum(wet.sum(axis=(1, 2)), 1)
        mean_state, m2 = np.zeros(wet.shape), np.zeros(wet.shape)
        mean, std = np.zeros(len(wet)), np.zeros(len(wet))
        with progress("statistics", len(pairs), quiet=quiet) as report:
            for n, pair in enumerate(pairs):
                state = store.read(*pair)
                for k in range(len(wet)):  # channel by channel: no third one in double precision
                    values = state[k].astype(np.float64)
                    level = values.sum(where=wet[k]) / cells[k]
                    square = ((values - level) ** 2).sum(where=wet[k]) / cells[k]
                    mean[k] += (level - mean[k]) / (n + 1)
                    std[k] += (np.sqrt(square) - std[k]) / (n + 1)
                    delta = values - mean_state[k]
                    mean_state[k] += delta / (n + 1)
                    m2[k] += delta * (values - mean_state[k])
                del state  # before the next one is read
                report(n + 1, "")
        rms = np.sqrt(m2.sum(axis=(1, 2), where=wet) / (cells * len(pairs)))
        np.copyto(mean_state, 0.0, where=~wet)
        return cls(mean, std, mean_state, rms)


def floored(std: np.ndarray, channels: tuple[str, ...]) -> np.ndarray:
    """Return standard deviations (channel,), none below FLOOR times the largest of its variable."""
    layout, out = Layout.from_channels(channels), std.copy()
    for name in layout.names:
        part = std[layout[name]]
        out[layout[name]] = np.maximum(part, max(_LEAST, FLOOR * float(part.max())))
    return out


def check_ranges(store: StateStore) -> None:
    """Raise InputError if a channel's extremes over the training states are implausible for its unit."""
    for name, figures in store.statistics.items():
        var = channel_variable(name)[0]
        low, high = figures["min"], figures["max"]
        dry = low == high == 0.0
        if not dry and not var.is_plausible(low, high):
            raise InputError(
                f"values of '{name}' in {store.path}",
                found=f"a range of {low:g} to {high:g}",
                expected=f"values in {var.unit} within {var.plausible[0]:g} to {var.plausible[1]:g}",
                remedy=unit_hint(var, low, high),
            )
