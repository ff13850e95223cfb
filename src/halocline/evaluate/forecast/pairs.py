"""Which state of the reference store is the truth of a forecast at a lead."""

from dataclasses import dataclass

import numpy as np

from halocline.data.store.splits import has_split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.cells import require_same_grid
from halocline.evaluate.forecast.file import Forecast
from halocline.runtime.errors import InputError

NEVER = -1
"""Time index where the store holds no state."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Starts and leads of a forecast, and the store's states at their valid times.

    Attributes:
        store: The reference.
        channels: Variables of forecast and store.
        member: Store member of each start (start,).
        begin: Time index of each start (start,).
        index: Time index of the truth (start, lead), or ``NEVER``.
        lead_hours: (lead,).
    """

    store: StateStore
    channels: tuple[str, ...]
    member: np.ndarray
    begin: np.ndarray
    index: np.ndarray
    lead_hours: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """True where there is a truth (start, lead)."""
        return self.index != NEVER

    def truth(self, start: int, lead: int) -> np.ndarray:
        """Return the true state (channel, y, x) float32, land = 0."""
        return self.read(int(self.member[start]), int(self.index[start, lead]))

    def initial(self, start: int) -> np.ndarray:
        """Return the store's state at the start (channel, y, x)."""
        return self.read(int(self.member[start]), int(self.begin[start]))

    def read(self, member: int, index: int) -> np.ndarray:
        """Return one state of the store, the forecast's variables only (channel, y, x)."""
        return self.store.read(member, index)[[self.store.channels.index(name) for name in self.channels]]

    def valid_hours(self, start: int, lead: int) -> int:
        """Return the valid time, hours since 2000-01-01 of the store's calendar."""
        return int(self.store.hours[self.begin[start]] + self.lead_hours[lead])

    def in_training(self) -> np.ndarray:
        """Return True for the starts (start,) among the training states of the store."""
        trained = set(samples_of(self.store, "train")) if has_split(self.store, "train") else set()
        return np.array([(int(m), int(i)) in trained for m, i in zip(self.member, self.begin, strict=True)])


def pair(forecast: Forecast, store: StateStore, *, tolerance_hours: float = 0.0) -> Pairs:
    """Find the truth of each start and lead: the same store member, ``lead`` hours after the start.

    Args:
        forecast: The forecast.
        store: The reference store.
        tolerance_hours: How far a state may be from the valid time; for integrals of long runs only.

    Raises:
        InputError: If the grids differ, a start is not in the store, or no lead after 0 has a truth.
    """
    require_same_grid(forecast.grid, store)
    if forecast.calendar != store.calendar:
        raise InputError(
            f"calendar of forecast {forecast.name}",
            found=forecast.calendar,
            expected=f"{store.calendar}, as in {store.path}",
            remedy="Use the store that the forecast was started from.",
        )
    channels = tuple(name for name in forecast.channels if name in store.channels)
    if not channels:
        raise InputError(
            "variables",
            found=f"{', '.join(forecast.channels)} in the forecast",
            expected=f"at least one of {', '.join(store.channels)}",
            remedy="Use a reference store of sea ice.",
        )
    member, begin = _members(forecast, store), _begins(forecast, store)
    wanted = store.hours[begin][:, None] + forecast.lead_hours[None, :]
    nearest = np.clip(np.searchsorted(store.hours, wanted), 0, len(store.hours) - 1)
    before = np.maximum(nearest - 1, 0)
    nearest = np.where(np.abs(store.hours[before] - wanted) <= np.abs(store.hours[nearest] - wanted), before, nearest)
    index = np.where(np.abs(store.hours[nearest] - wanted) <= tolerance_hours, nearest, NEVER)
    if not (index[:, forecast.lead_hours > 0] != NEVER).any():
        step = float(store.hours[1] - store.hours[0]) if len(store.hours) > 1 else 0.0
        raise InputError(
            f"leads of forecast {forecast.name}",
            found="no lead after 0 at whose time the store has a state",
            expected=f"valid times within {store.hours[0]} to {store.hours[-1]} h, every {step:g} h",
            remedy="Use a store that covers the forecast at its output interval.",
        )
    return Pairs(store, channels, member, begin, index, forecast.lead_hours)


def _members(forecast: Forecast, store: StateStore) -> np.ndarray:
    member = forecast.store_member
    if member is None:
        if store.members > 1:
            raise InputError(
                f"coordinate 'store_member' of forecast {forecast.name}",
                found="none",
                expected=f"the store member each start was taken from, 0 to {store.members - 1}",
                remedy="Assign the coordinate 'store_member' along start.",
            )
        return np.zeros(forecast.starts, np.int64)
    if (member < 0).any() or (member >= store.members).any():
        raise InputError(
            f"coordinate 'store_member' of forecast {forecast.name}",
            found=f"member {int(member.max())}",
            expected=f"0 to {store.members - 1}",
            remedy="Use the store that the forecast was started from.",
        )
    return member


def _begins(forecast: Forecast, store: StateStore) -> np.ndarray:
    found = np.clip(np.searchsorted(store.hours, forecast.start_hours), 0, len(store.hours) - 1)
    missing = store.hours[found] != forecast.start_hours
    if missing.any():
        raise InputError(
            f"starts of forecast {forecast.name}",
            found=f"{int(missing.sum())} of {forecast.starts} at times the store does not hold, the first "
            f"{int(forecast.start_hours[missing][0])} h since 2000-01-01",
            expected=f"times within {store.hours[0]} to {store.hours[-1]} h that the store holds",
            remedy="Use the store that the forecast was started from.",
        )
    stated = forecast.start_index
    differ = np.zeros(len(found), bool) if stated is None else (stated >= 0) & (stated != found)
    if stated is not None and differ.any():
        wrong = int(np.flatnonzero(differ)[0])
        raise InputError(
            f"coordinate 'start_index' of forecast {forecast.name}",
            found=f"{int(stated[wrong])} for the start at {int(forecast.start_hours[wrong])} h",
            expected=f"{int(found[wrong])}, as in the reference store",
            remedy="Use the store that the forecast was started from.",
        )
    return found
