"""The forecast that a person asks for: checks first, then the run."""

import warnings
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from halocline.chain.forecast.baselines import Persistence
from halocline.chain.forecast.budget import parse_memory
from halocline.chain.forecast.run import forecast
from halocline.chain.forecast.starts import Start, calendar_of, open_starts, state_variables
from halocline.chain.forecast.stepper import Stepper
from halocline.chain.forecast.weather import Weather, open_weather, require_cover
from halocline.chain.forecast.weather_check import check_weather
from halocline.data.fields.calendar import hour_of, mean_year_hours
from halocline.data.grids.grid import Grid
from halocline.runtime.device import Compute
from halocline.runtime.errors import ConfigError
from halocline.runtime.ranks import join_ranks, leave_ranks
from halocline.runtime.run_lock import only_run
from halocline.systems.loading import load_stepper


class OutsideTraining(UserWarning):
    """A forecast on another grid than the model's: it extrapolates."""


@dataclass(frozen=True)
class Request:
    """What to forecast; see ``halocline forecast --help``.

    Attributes:
        model: Folder or name of a surrogate, or of a baseline.
        start: Store, states or forecast.
        out: Zarr folder.
        forcing: Weather; that of ``start`` if None.
        days: Length.
        years: Length in years of the start's calendar instead, of mean length.
        members: Members of each start.
        seed: Seed.
        paired: Opposite noise for members 2k and 2k + 1.
        starts: How many, out of ``split``.
        split: Years of the store.
        at: Dates instead.
        store_member: Of the store, for ``at``.
        start_index: Which state of a file.
        output_hours: Hours between written states; each step if None.
        memory: E.g. ``2GB``.
        steps: Solver steps.
        solver: Solver.
        noise_hours: Memory of the noise.
        views: In which symmetry members are stepped.
        quiet: Show no progress.
    """

    model: str
    start: Path
    out: Path
    forcing: Path | None = None
    days: float | None = None
    years: float | None = None
    members: int = 8
    seed: int = 0
    paired: bool = False
    starts: int = 1
    split: str = "test"
    at: tuple[str, ...] = ()
    store_member: int = 0
    start_index: int = 0
    output_hours: int | None = None
    memory: str = "2GB"
    steps: int | None = None
    solver: str | None = None
    noise_hours: float | None = None
    views: str | None = None
    quiet: bool = False


def run_forecast(request: Request, compute: Compute) -> Path:
    """Check a request as a whole, then run it; the same request again continues one that was killed.

    Raises:
        HaloclineError: The first thing that does not fit.
    """
    memory = parse_memory(request.memory)
    stepper = load_stepper(
        request.model,
        compute,
        steps=request.steps,
        solver=request.solver,
        noise_hours=request.noise_hours,
        views=request.views,
    )
    if isinstance(stepper, Persistence):  # a baseline forecasts what the start holds
        stepper = replace(stepper, channels=state_variables(request.start) or stepper.channels)
    calendar = calendar_of(request.start)
    hours = _length(request, stepper.step_hours, calendar)
    every = _every(request, stepper.step_hours, hours)
    starts, grid = open_starts(
        request.start,
        stepper.channels,
        count=request.starts,
        split=request.split,
        hours=hours,
        at=[hour_of(text, calendar) for text in request.at],
        member=request.store_member,
        index=request.start_index,
    )
    _compare_grids(stepper, grid)

    @cache
    def weather_of_member(member: int) -> Weather:
        return open_weather(request.forcing or request.start, member, stepper.forcing, grid, starts[0].calendar)

    def weather_of(start: Start) -> Weather:
        return weather_of_member(start.store_member)

    if stepper.forcing:
        for start in starts:
            weather, end = weather_of(start), start.hour + hours
            require_cover(weather, start.hour, end, stepper.step_hours)
            check_weather(
                weather, stepper.trained_strength, stepper.forcing, grid.mask, start.hour, end, stepper.step_hours
            )
    source = {"forcing": str((request.forcing or request.start).name), "start": request.start.name}
    provenance = source | stepper.provenance
    ranks = join_ranks(compute.device)
    try:
        with only_run(request.out) if ranks.rank == 0 else nullcontext():
            return forecast(
                stepper,
                starts,
                weather_of,
                grid,
                request.out,
                steps=hours // stepper.step_hours,
                every=every,
                members=request.members,
                seed=request.seed,
                paired=request.paired,
                memory=memory,
                provenance=provenance,
                ranks=ranks,
                quiet=request.quiet,
            )
    finally:
        leave_ranks(ranks)


def _length(request: Request, step: int, calendar: str) -> int:
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


def _every(request: Request, step: int, hours: int) -> int:
    between = request.output_hours or step
    if between % step or between > hours:
        raise ConfigError(
            "output-hours",
            found=str(between),
            expected=f"a multiple of {step}, at most {hours}",
            remedy="Choose another number of hours.",
        )
    return between // step


def _compare_grids(stepper: Stepper, grid: Grid) -> None:
    trained = stepper.card.get("grid")
    if trained is None or grid.is_same_as(trained["fingerprint"]):
        return
    what = f"another coast ({grid.name})"
    if abs(grid.spacing / float(trained["spacing"]) - 1) > 0.01:
        what = f"cells of {grid.spacing / 1e3:g} km instead of {float(trained['spacing']) / 1e3:g} km, and {what}"
    warnings.warn(
        OutsideTraining(f"The model was trained on {trained['name']}; this forecast extrapolates to {what}."),
        stacklevel=2,
    )
