"""Where forecasts start: states of a store, a file of states, or the end of another forecast."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.fields.calendar import NOLEAP, calendar_named, date_of
from halocline.data.fields.variables import channel, channels_among
from halocline.data.files.open import Source, is_forecast, is_store, open_dataset, source_text
from halocline.data.files.states import open_state_file
from halocline.data.files.validate import check_states
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.notes import Notes
from halocline.data.store.splits import SPLITS, samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.runtime.errors import InputError
from halocline.runtime.seals.libraries import reading

ALL_YEARS = "all"


@dataclass(frozen=True, eq=False)
class Start:
    """One start.

    Attributes:
        hour: Valid time, hours since 2000-01-01.
        states: (1 or member, channel, y, x) physical units, land 0; one state stands for all members.
        store_member: Member of the store that it is from; 0 for files.
        index: Time index in that store; -1 for files.
        calendar: Calendar of the hour.
    """

    hour: int
    states: np.ndarray
    store_member: int = 0
    index: int = -1
    calendar: str = NOLEAP


def starts_of_store(
    path: Path, channels: tuple[str, ...], count: int, split: str, hours: int, at: Sequence[int], member: int
) -> tuple[list[Start], Grid]:
    """Return starts out of a store: at given hours of one member, or evenly spread over the years of a split.

    Args:
        path: The store.
        channels: Variables wanted.
        count: How many, if ``at`` is empty.
        split: train, validation or test: the whole forecast lies in it; ``all``: in the store.
        hours: Length of the forecast.
        at: Valid times.
        member: Of the store, for ``at``.

    Raises:
        InputError: If a variable is missing, or no start fits.
    """
    store = open_store(path)
    missing = [name for name in channels if name not in store.channels]
    if missing:
        raise InputError(
            f"start {source_text(path)}",
            found=f"no variable {', '.join(missing)}",
            expected=", ".join(channels),
            remedy="Use a store that holds what the model was trained on.",
        )
    chosen = [(member, _index(store, hour)) for hour in at] or _spread(store, count, split, hours)
    names = [store.channels.index(name) for name in channels]
    starts = [Start(int(store.hours[i]), store.read(m, i)[names][None], m, i, store.calendar) for m, i in chosen]
    for start in starts:
        check_bounds(start, channels, store.grid, f"start {source_text(path)}")
    return starts, store.grid


def _spread(store: StateStore, count: int, split: str, hours: int) -> list[tuple[int, int]]:
    if split == ALL_YEARS:
        samples = [(m, i) for m in range(store.members) for i in range(len(store.hours))]
    elif split in SPLITS:
        samples = samples_of(store, split)  # type: ignore[arg-type]
    else:
        raise InputError(
            f"split '{split}'",
            found="no such split",
            expected=", ".join((*SPLITS, ALL_YEARS)),
            remedy="Choose one of these.",
        )
    inside, ends = set(samples), np.searchsorted(store.hours, store.hours + hours)
    held = {m: np.array([(m, i) in inside for i in range(len(store.hours))]) for m in {m for m, _ in samples}}

    def stays(m: int, i: int) -> bool:
        """Tell whether the forecast ends at a state of the split, and every state on the way is one, too."""
        end = int(ends[i])
        return (
            end < len(store.hours) and store.hours[end] == store.hours[i] + hours and bool(held[m][i : end + 1].all())
        )

    fits = [(m, i) for m, i in samples if stays(m, i)]
    if not fits:
        raise InputError(
            f"starts in the split '{split}' of {store.path}",
            found=f"no state that the same split's years follow for {hours / 24:g} days",
            expected="at least one",
            remedy="Forecast fewer days, or start from --split all, or give --at a date.",
        )
    # The middle of each of `count` equal parts, so that seasons are met evenly whatever the count.
    count = min(count, len(fits))
    return [fits[int((k + 0.5) * len(fits) / count)] for k in range(count)]


def _index(store: StateStore, hour: int) -> int:
    at = int(np.searchsorted(store.hours, hour))
    first, last = (date_of(int(edge), store.calendar) for edge in store.hours[[0, -1]])
    if at == len(store.hours) or store.hours[at] != hour:
        raise InputError(
            f"start at {date_of(hour, store.calendar)}",
            found=f"no such time in {store.path}",
            expected=f"a time of the store, {first} to {last}",
            remedy="Give --at one of its times.",
        )
    return at


def start_of_file(
    path: Source,
    channels: tuple[str, ...],
    at: Sequence[int],
    index: int,
    calendar: str = NOLEAP,
    choices: Choices = AS_THE_FILE_SAYS,
    like: Grid | None = None,
) -> tuple[list[Start], Grid, Notes]:
    """Return the start in a file of states, or the end of a forecast, and what the reader did.

    Args:
        path: NetCDF or Zarr, or a dataset.
        channels: Variables wanted.
        at: The valid time of the state: of a file with a time axis its state of that time is taken; the only state of a
            file is dated so, with a note if it has another date. Not for forecasts, which know it.
        index: Which state of the file, where no time chooses it.
        calendar: Calendar of ``at``; forecasts have their own.
        choices: What the file does not say.
        like: The model's grid: the file is turned to its order where it lies on it.

    Raises:
        InputError: If something is missing or out of bounds, or the file has no state of that time.
    """
    if is_forecast(path):
        return *_ends(path, channels), Notes()
    file = open_state_file(path, "start", choices)
    if len(at) != 1:
        raise InputError(
            file.source,
            found="states without a date" if not at else f"{len(at)} dates",
            expected="one date",
            remedy="Say when the forecast begins: --at 2007-01-01",
        )
    if index == 0 and file.count > 1:
        index = file.index_at(at[0], calendar)
    reading = file.read(channels, index=index, like=like)
    own = file.hour(index, calendar)
    if own is not None and round(own) != at[0]:
        if file.count > 1:
            first, last = (date_of(hour, calendar) for hour in file.span(calendar))
            raise InputError(
                f"start at {date_of(at[0], calendar)} in {file.source}",
                found=f"state {index}, of {date_of(own, calendar)}",
                expected=f"the state of that date; the states' dates: {first} to {last}",
                remedy="Give --at the date of a state. Without --start-index the first state of that date is taken.",
            )
        words = f"the state of {date_of(own, calendar)} is dated {date_of(at[0], calendar)}, as asked"
        reading.notes.add("warning", "time", words)
    grid = reading.grid
    fields = [np.asarray(reading.dataset[name].values, np.float32).reshape(grid.shape) for name in channels]
    state = np.where(grid.mask, np.stack(fields), np.float32(0.0))
    start = Start(at[0], state[None], calendar=calendar)
    check_bounds(start, channels, grid, file.source)
    return [start], grid, reading.notes


def _of_date(dates: np.ndarray, hour: int, index: int, calendar: str, source: str) -> int:
    """Return the state of a date (state,): number ``index`` if it is of it, else the first if ``index`` is 0."""
    if dates[index] == hour:
        return index
    same = np.flatnonzero(dates == hour)
    if len(same) and not index:
        return int(same[0])
    known = dates[np.isfinite(dates)].astype(int)
    span = " to ".join(date_of(int(edge), calendar) for edge in (known.min(), known.max())) if len(known) else "others"
    found = f"state {index}, of {date_of(int(dates[index]), calendar)}" if len(same) else "no state of that date"
    raise InputError(
        f"start at {date_of(hour, calendar)} in {source}",
        found=found,
        expected=f"the state of that date; the states' dates: {span}",
        remedy="Give --at the date of a state. Without --start-index the first state of that date is taken.",
    )


def state_variables(path: Source) -> tuple[str, ...]:
    """Return the channels of the states in a store or a file, without the forcing."""
    if is_store(path):
        return channels_among(open_store(path).channels)  # type: ignore[arg-type]
    names = list(open_dataset(path, "start", "raw").data_vars)
    return channels_among(names) or channels_among(open_state_file(path, "start").names)


def calendar_of(path: Source, forcing: Source | None = None) -> str:
    """Return the calendar in which a forecast is dated: that of a store or a forecast from which it starts.

    For files of states it is that of the store that holds the forcing, else that of their own time axis, or noleap.
    """
    if is_store(path):
        return open_store(path).calendar  # type: ignore[arg-type]
    if is_forecast(path):
        dataset = open_dataset(path, "start", "raw")
        return calendar_named(str(dataset["start"].attrs.get("calendar", NOLEAP)))
    if forcing is not None and is_store(forcing):
        return open_store(forcing).calendar  # type: ignore[arg-type]
    return open_state_file(path, "start").calendar


def _ends(path: Source, channels: tuple[str, ...]) -> tuple[list[Start], Grid]:
    dataset = open_dataset(path, "start", "raw")
    if not dataset.attrs.get("complete"):
        raise InputError(
            f"start {source_text(path)}",
            found="an unfinished forecast",
            expected="a finished one",
            remedy="Run the command that makes it once more: it continues where it stopped.",
        )
    with reading(f"start {source_text(path)}"):
        last = dataset.isel(lead=-1).load()
    check_states(last, channels, f"start {source_text(path)}")
    grid, starts = Grid.from_dataset(last), []
    calendar = calendar_named(str(last["start"].attrs.get("calendar", NOLEAP)))
    for k in range(last.sizes["start"]):
        states = np.stack([np.asarray(last[name].values[k], np.float32) for name in channels], axis=1)
        hour = int(last["start"].values[k]) + int(last["lead"].values)
        land_0 = np.where(wet_of(channels, grid), states, np.float32(0.0))
        member = int(last["store_member"].values[k])
        start = Start(hour, land_0, member, calendar=calendar)
        check_bounds(start, channels, grid, f"start {source_text(path)}")
        starts.append(start)
    return starts, grid


def check_bounds(start: Start, channels: Sequence[str], grid: Grid, source: str) -> None:
    """Raise InputError if a start is not within its physical bounds on ocean cells."""
    for k, (name, cells) in enumerate(zip(channels, wet_of(channels, grid), strict=True)):
        var, wet = channel(name), start.states[:, k][:, cells]
        low, high = float(wet.min(initial=np.inf)), float(wet.max(initial=-np.inf))
        under, over = var.lower is not None and low < var.lower, var.upper is not None and high > var.upper
        if under or over or not np.isfinite(wet).all():
            raise InputError(
                f"'{name}' of {source} at {date_of(start.hour, start.calendar)}",
                found=f"values from {low:g} to {high:g}",
                expected=f"{'-inf' if var.lower is None else var.lower} to {'inf' if var.upper is None else var.upper}",
                remedy="Correct the state first: halocline constrain",
            )


def open_starts(
    path: Source,
    channels: tuple[str, ...],
    *,
    count: int,
    split: str,
    hours: int,
    at: Sequence[int],
    member: int,
    index: int,
    calendar: str = NOLEAP,
    choices: Choices = AS_THE_FILE_SAYS,
    like: Grid | None = None,
) -> tuple[list[Start], Grid, Notes]:
    """Return the starts in a store or a file, their grid, and what the reader did; see the two functions above."""
    if is_store(path):
        return *starts_of_store(Path(path), channels, count, split, hours, at, member), Notes()  # type: ignore[arg-type]
    return start_of_file(path, channels, at, index, calendar, choices, like)
