"""The forecast that a person asks for: checks first, then the run, into a file or into memory."""

import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import xarray as xr
from zarr.storage import MemoryStore

from halocline.chain.forecast.budget import parse_memory
from halocline.chain.forecast.run import forecast
from halocline.chain.forecast.start_dates import hour_of_state
from halocline.chain.forecast.starts import Start, calendar_of, open_starts, state_variables
from halocline.chain.forecast.stepper import Stepper
from halocline.chain.forecast.weather import Weather, open_weather, require_cover, require_own_weather
from halocline.chain.forecast.weather_check import check_weather
from halocline.data.fields.calendar import date_of, hour_of, mean_year_hours
from halocline.data.files.open import Source, source_name
from halocline.data.grids.grid import Grid
from halocline.data.grids.orientation import offset_km
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.notes import Notes
from halocline.runtime.errors import ConfigError
from halocline.runtime.limits import check_numbers
from halocline.runtime.places.arguments import uploads
from halocline.runtime.processes.joining import joined_ranks
from halocline.runtime.run_lock import beside_first_rank, only_run

MEMBERS = 8
"""Members of a start, if nothing is said."""
_NUMBERS = (
    "days",
    "years",
    "members",
    "seed",
    "starts",
    "store_member",
    "start_index",
    "output_hours",
)


class OutsideTraining(UserWarning):
    """A forecast on another grid than the model's: it extrapolates."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastRequest:
    """What to forecast; see ``halocline forecast --help``.

    Attributes:
        start: Store, states or forecast: a path or a dataset.
        out: Zarr folder; None to hold the forecast in memory.
        forcing: Weather, a path or a dataset; that of ``start`` if None.
        days: Length.
        years: Length in years of the start's calendar instead, of mean length.
        members: Members of each start; 8 if None, or all of a start that has fewer.
        seed: Seed.
        paired: Opposite noise for members 2k and 2k + 1.
        starts: How many, out of ``split``.
        split: Years of the store.
        at: Dates instead; of a file of states, its day of the year if that is given.
        store_member: Of the store, for ``at``.
        start_index: Which state of a file.
        output_hours: Hours between written states; each step if None.
        memory: E.g. ``2GB``.
        choices: What the files do not say.
        quiet: Show no progress.
    """

    start: Source
    out: Path | None = None
    forcing: Source | None = None
    days: float | None = None
    years: float | None = None
    members: int | None = None
    seed: int = 0
    paired: bool = False
    starts: int = 1
    split: str = "test"
    at: tuple[str, ...] = ()
    store_member: int = 0
    start_index: int = 0
    output_hours: int | None = None
    memory: str = "2GB"
    choices: Choices = AS_THE_FILE_SAYS
    quiet: bool = False


def run_request(stepper: Stepper, request: ForecastRequest) -> xr.Dataset:
    """Check a request as a whole, then run it; the same request with the same ``out`` continues one that was killed.

    Returns:
        The forecast with dims (start, member, lead, y, x); read from ``out`` as it is needed, if there is one.

    Raises:
        HaloclineError: The first thing that does not fit.
    """
    check_numbers({name: getattr(request, name) for name in _NUMBERS})
    memory, calendar = parse_memory(request.memory), calendar_of(request.start, request.forcing)
    stepper = stepper.fitting(state_variables(request.start))
    hours = _length(request, stepper.step_hours, calendar)
    every = _every(request, stepper.step_hours, hours)
    forcing = request.start if request.forcing is None else request.forcing
    if stepper.forcing and request.forcing is None:
        require_own_weather(request.start, stepper.forcing)

    def weather_on(grid: Grid) -> Weather:
        return open_weather(forcing, 0, stepper.forcing, grid, calendar, request.choices)

    opens, step = weather_on if stepper.forcing else None, stepper.step_hours
    dated = None
    if not request.at:
        dated = hour_of_state(
            request.start,
            request.start_index,
            opens,
            calendar,
            hours,
            step,
            request.choices,
            stepper.trained_grid,
        )
    starts, grid, notes = open_starts(
        request.start,
        stepper.channels,
        count=request.starts,
        split=request.split,
        hours=hours,
        at=[hour_of(text, calendar) for text in request.at] if dated is None else [dated],
        member=request.store_member,
        index=request.start_index,
        calendar=calendar,
        choices=request.choices,
        like=stepper.trained_grid,
    )
    _compare_grids(stepper, grid)
    members = _members(request, starts)

    @cache
    def weather_of_member(member: int) -> Weather:
        return open_weather(forcing, member, stepper.forcing, grid, starts[0].calendar, request.choices)

    def weather_of(start: Start) -> Weather:
        return weather_of_member(start.store_member)

    if stepper.forcing:
        for start in starts:
            weather, span = weather_of(start), (start.hour, start.hour + hours, stepper.step_hours)
            require_cover(weather, *span)
            check_weather(
                weather, stepper.trained_strength, stepper.forcing, grid.mask, *span, accept=request.choices.accept
            )
    names: dict[str, object] = {"forcing": source_name(forcing), "start": source_name(request.start)}
    read = weather_of(starts[0]).notes if stepper.forcing else Notes()
    names |= {"choices": told} if (told := request.choices.table()) else {}
    names |= {"forcing_notes": read.table()} if read.lines() else {}
    if notes.lines():
        names["start_notes"] = notes.table()
    out = MemoryStore() if request.out is None else request.out
    with joined_ranks(stepper.device) as ranks, ExitStack() as stack:
        if ranks.rank == 0 and not request.quiet:
            if dated is not None:
                print(f"starts on {date_of(dated, calendar)}, the date of the state")
            notes.show(f"start {source_name(request.start)}")
            read.show(f"forcing {source_name(forcing)}")
        if (path := request.out) is not None:
            ranks.lead(lambda: stack.enter_context(only_run(path)))
            if ranks.rank > 0:
                stack.enter_context(beside_first_rank(path))
        forecast(
            stepper,
            starts,
            weather_of,
            grid,
            out,
            steps=hours // stepper.step_hours,
            every=every,
            members=members,
            seed=request.seed,
            paired=request.paired,
            memory=memory,
            provenance=names | stepper.provenance,
            ranks=ranks,
            quiet=request.quiet,
        )
    dataset = xr.open_zarr(out, consolidated=False, chunks=None)
    return dataset.load() if request.out is None else dataset


class Forecaster:
    """What a stepper is for people: ``model.forecast(states, ...)``."""

    @uploads
    def forecast(
        self: Stepper,
        states: Source,
        *,
        forcing: Source | None = None,
        start: str | Sequence[str] = (),
        days: float | None = None,
        years: float | None = None,
        members: int | None = None,
        seed: int = 0,
        paired: bool = False,
        output_hours: int | None = None,
        starts: int = 1,
        split: str = "test",
        store_member: int = 0,
        start_index: int = 0,
        memory: str = "2GB",
        out: Path | str | None = None,
        quiet: bool = False,
        choices: Choices = AS_THE_FILE_SAYS,
    ) -> xr.Dataset:
        """Step an ensemble forward from each start.

        Args:
            states: Where to start: states (a dataset or a file), a store, or a forecast to go on from.
            forcing: Weather: a dataset, a file like ERA5's or a store; that of ``states`` if None.
            start: Date or dates, e.g. ``2007-03-16``; needed where the states have neither a time nor a day of the
                year.
            days: Length; ten days if ``years`` is not given either.
            years: Length in years of the start's calendar instead.
            members: Members of each start; 8 if None, or all of a start that has fewer.
            seed: Seed of the ensemble.
            paired: Opposite noise for members 2k and 2k + 1: the mean of many more members.
            output_hours: Hours between states that are kept; each step if None.
            starts: How many starts, spread evenly over ``split`` of a store.
            split: Years of the store: train, validation, test or all.
            store_member: Member of the store, for ``start``.
            start_index: Which of several states, counted from 0.
            memory: For networks and states, e.g. ``2GB``.
            out: Zarr folder to stream the forecast to; the same call again continues one that was stopped.
            quiet: Show no progress.
            choices: What a file of states does not say, see ``halocline.Choices``.

        Returns:
            Dataset with dims (start, member, lead, y, x), land NaN; read from ``out`` as it is needed, if given.

        Raises:
            InputError: If states, weather and model do not fit each other.
            ConfigError: If an argument does not fit.
            OutputError: If ``out`` cannot be written.
        """
        request = ForecastRequest(
            start=Path(states) if isinstance(states, str) else states,
            out=None if out is None else Path(out),
            forcing=Path(forcing) if isinstance(forcing, str) else forcing,
            days=days,
            years=years,
            members=members,
            seed=seed,
            paired=paired,
            starts=starts,
            split=split,
            at=(start,) if isinstance(start, str) else tuple(start),
            store_member=store_member,
            start_index=start_index,
            output_hours=output_hours,
            memory=memory,
            quiet=quiet,
            choices=choices,
        )
        return run_request(self, request)


def _members(request: ForecastRequest, starts: Sequence[Start]) -> int:
    """Return how many members are stepped: a start that has several carries that many at the most.

    Raises:
        ConfigError: If more are asked for.
    """
    there = min((len(start.states) for start in starts if len(start.states) > 1), default=None)
    members = request.members if request.members is not None else min(MEMBERS, there or MEMBERS)
    if there is not None and members > there:
        raise ConfigError(
            "members",
            found=members,
            expected=f"at most {there}, the members of the start {source_name(request.start)}",
            remedy="Leave --members out, or start from a single state.",
        )
    return members


def _length(request: ForecastRequest, step: int, calendar: str) -> int:
    if request.days is not None and request.years is not None:
        raise ConfigError("length", found="--days and --years", expected="one of them", remedy="Leave one out.")
    hours = 240.0
    if request.days is not None or request.years:
        hours = 24 * request.days if request.days is not None else mean_year_hours(calendar) * (request.years or 0.0)
    if round(hours) < step:
        raise ConfigError(
            "length", found=f"{hours:g} h", expected=f"at least one step of {step} h", remedy="Forecast longer."
        )
    return round(hours) // step * step


def _every(request: ForecastRequest, step: int, hours: int) -> int:
    between = request.output_hours or step
    if between % step or between > hours:
        remedy = "Choose another number of hours."
        raise ConfigError(
            "output-hours", found=str(between), expected=f"a multiple of {step}, at most {hours}", remedy=remedy
        )
    return between // step


def _compare_grids(stepper: Stepper, grid: Grid) -> None:
    """Warn if the forecast is on other cells than the model's; single precision and 0-360 longitudes are no others."""
    trained = stepper.card.get("grid")
    if trained is None or grid.is_same_as(trained["fingerprint"]):
        return
    mine = stepper.trained_grid
    if abs(grid.spacing / float(trained["spacing"]) - 1) > 0.01:
        what = f"cells of {grid.spacing / 1e3:g} km instead of {float(trained['spacing']) / 1e3:g} km ({grid.name})"
    elif mine is None or mine.shape != grid.shape or offset_km(mine, grid) > 0.05e-3 * mine.spacing:
        what = f"another place of the Earth ({grid.name})"
    elif (differ := int((mine.mask != grid.mask).sum())) > 0:
        what = f"another coast: {differ} of {grid.mask.size} cells are land in one and ocean in the other"
    else:
        return
    warnings.warn(
        OutsideTraining(f"The model was trained on {trained['name']}; this forecast extrapolates to {what}."),
        stacklevel=2,
    )
