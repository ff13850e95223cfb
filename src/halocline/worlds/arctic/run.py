"""Simulate Arctic sea ice into a store: independent members side by side, killed runs continue."""

import dataclasses
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np

from halocline.data.fields.calendar import NOLEAP, date_of, hour_of_year, hours_in_year
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import create_store
from halocline.runtime import files
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import ConfigError, HaloclineError, require_at_least, require_within
from halocline.runtime.extras import require_extra
from halocline.runtime.limits import check_numbers
from halocline.runtime.places.address import named
from halocline.runtime.processes.each import each
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.progress import Report, progress
from halocline.runtime.run_lock import alone
from halocline.runtime.version import __version__
from halocline.worlds.arctic.domain import arctic_domain, arctic_grid
from halocline.worlds.arctic.member import ArcticPlan, make_model, restart_folder, run_member
from halocline.worlds.arctic.model import CHANNELS, MODEL_STEP_HOURS, check_rheology
from halocline.worlds.arctic.parameters import Physics
from halocline.worlds.arctic.start import begin_hours, start_state
from halocline.worlds.continued import LEARNED, already_complete

INTERVALS_HOURS = (6, 12, 24)
YEAR_HOURS = hours_in_year(2000, NOLEAP)
STEPS_PER_DAY = 24 // MODEL_STEP_HOURS
LARGEST_WARMING = 20.0
"""K per decade, of either sign."""

_steps_done: Any = None  # shared with the worker processes: steps done by each member


@alone
def simulate(
    out: Path,
    *,
    resolution_km: int = 100,
    years: int = 2,
    members: int = 1,
    spinup_years: int = 1,
    interval_hours: int = 12,
    seed: int = 0,
    rheology: str = "bbm",
    start: Path | None = None,
    start_index: int = 0,
    forcing: Path | None = None,
    jobs: int = 1,
    dask: str | None = None,
    warming: float = 0.0,
    physics: Mapping[str, float] | None = None,
    choices: Choices = AS_THE_FILE_SAYS,
    quiet: bool = False,
) -> Path:
    """Simulate years of Arctic sea ice into a store; the same call again continues a run that was killed.

    Args:
        out: Store to create, e.g. ``DATA.zarr``; restarts and end states lie in ``DATA.zarr.restarts``.
        resolution_km: 100, 50 or 25.
        years: Stored years of 365 days, each from 1 January, or from the start's day of the year.
        members: Independent members, each with its own weather.
        spinup_years: Years before the first stored one; not stored. None with ``start``.
        interval_hours: 6, 12 or 24.
        seed: Seed of the weather.
        rheology: ``bbm`` (brittle, with damage), ``mevp`` or ``freedrift``.
        start: A restart, or a file or store of states to start from instead of spinning up: on the restart's day, on
            the state's ``day_of_year`` if the file has one, else on 1 January.
        start_index: Which state of ``start``.
        forcing: A file of t2m, q2m (or d2m), u10, v10 instead of synthetic weather; its years date the run.
        jobs: Members to run at the same time, in processes.
        dask: Address of a dask scheduler whose workers run the members instead; they have to see ``out`` at its path.
        warming: Linear warming of air and sea, K per decade.
        physics: Constants that differ from those in ``parameters``, e.g. ``{"dynamics.air_drag": 2.0e-3}``.
        choices: What ``start`` and ``forcing`` do not say.
        quiet: No progress.

    Returns:
        The path of the finished store.

    Raises:
        ConfigError: If an argument is out of range.
        InputError: If ``start`` or ``forcing`` cannot be used.
        OutputError: If ``out`` exists and holds something else.
        MissingExtraError: If numba is not installed.
    """
    require_extra("simulate", "simulating the Arctic")
    out = Path(out)
    plan = ArcticPlan(
        resolution_km=resolution_km,
        years=years,
        spinup_years=0 if start is not None else spinup_years,
        interval_hours=interval_hours,
        seed=seed,
        rheology=rheology,
        warming=warming,
        start=None if start is None else str(start),
        start_index=start_index,
        forcing=None if forcing is None else str(forcing),
        year_steps=YEAR_HOURS // MODEL_STEP_HOURS,
        physics=dict(physics or {}),
        choices=choices,
    )
    _check(plan, members, jobs)
    left_out = {"begin", "choices", *(() if plan.physics else ("physics",))}
    provenance = {
        "command": "simulate arctic",
        "halocline": __version__,
        "members": members,
        **{name: value for name, value in dataclasses.asdict(plan).items() if name not in left_out},
        **{name: named(value) for name, value in (("start", plan.start), ("forcing", plan.forcing)) if value},
        **({"choices": told} if (told := choices.table()) else {}),
        "velocity": "mean over the last 2 h before the valid time, mean of the cell's four corners",
    }
    if out.exists():
        if already_complete(out, provenance, quiet):
            return out
        begin = int(hour_of_year(open_store(out, require_complete=False).hours[0], NOLEAP))
        plan = dataclasses.replace(plan, begin=begin // MODEL_STEP_HOURS)
    else:
        # Restarts without their store are another run's; taking them up would leave holes in this one.
        files.require_absent(restart_folder(out), field="restarts")
        grid = arctic_grid(resolution_km)
        begin = 0 if start is None else begin_hours(Path(start), start_index, grid, interval_hours, YEAR_HOURS, choices)
        plan = dataclasses.replace(plan, begin=begin // MODEL_STEP_HOURS)
        forcing_read = make_model(plan, 0).forcing  # finds what is wrong with start or forcing before all is written
        if not quiet:
            forcing_read.notes.show(f"forcing {forcing}")
            if start is not None:
                air = forcing_read.at(plan.first_step)
                start_state(Path(start), start_index, arctic_domain(resolution_km), air, choices)[2].show(
                    f"start {start}"
                )
        if forcing_read.notes.lines():
            provenance[LEARNED] = forcing_read.notes.table()
        hours = forcing_read.origin + begin + np.arange(0, years * YEAR_HOURS, interval_hours)
        create_store(out, grid, CHANNELS, members, hours, provenance, years_begin=begin)
    if begin and not quiet:
        print(
            f"starts on {date_of(int(open_store(out, require_complete=False).hours[0]))}, the state's day of the year"
        )
    total = plan.last_step - plan.first_step
    title = f"arctic {resolution_km} km, days"
    restarts = restart_folder(out)
    clear_inside(restarts)
    with (
        progress(title, members * total // STEPS_PER_DAY, quiet=quiet) as report,
        clean_start(lambda: _gained(out), out, restarts),
    ):
        _run_members(out, plan, members, min(jobs, members), dask, report)
    samples = members * years * YEAR_HOURS // interval_hours
    with progress("statistics, states", samples, quiet=quiet) as report:
        finish_store(out, report)
    return out


def _gained(out: Path) -> bool:
    once_whole = "fingerprint" in open_store(out, require_complete=False).attributes
    return once_whole or any(restart_folder(out).glob("member-*.safetensors"))


def _check(plan: ArcticPlan, members: int, jobs: int) -> None:
    sizes = {name: getattr(plan, name) for name in ("years", "spinup_years", "seed", "start_index")}
    check_numbers({**sizes, "members": members, "jobs": jobs})
    arctic_grid(plan.resolution_km)
    check_rheology(plan.rheology)
    Physics.changed(plan.physics)
    if plan.interval_hours not in INTERVALS_HOURS:
        raise ConfigError(
            "interval-hours", found=plan.interval_hours, expected="6, 12 or 24", remedy="Choose one of these."
        )
    require_at_least({"years": (plan.years, 1), "members": (members, 1), "jobs": (jobs, 1)})
    require_at_least({"spinup-years": (plan.spinup_years, 0), "start-index": (plan.start_index, 0)})
    if plan.forcing is not None and (members > 1 or plan.warming != 0.0):
        raise ConfigError(
            "forcing",
            found=f"members = {members}, warming = {plan.warming:g}",
            expected="one member and no warming: the file decides the weather, and members would be equal",
            remedy="Leave --members and --warming out.",
        )
    require_within("warming", plan.warming, -LARGEST_WARMING, LARGEST_WARMING, " K per decade")


def _run_members(out: Path, plan: ArcticPlan, members: int, jobs: int, dask: str | None, report: Report) -> None:
    restart_folder(out).mkdir(exist_ok=True)
    done = [0] * members

    def show(member: int, steps: int) -> None:
        done[member] = steps
        report(sum(done) // STEPS_PER_DAY, "")

    if dask is not None:
        tasks = [(out.absolute(), plan, member) for member in range(members)]
        for done_now, _ in enumerate(each(run_member, tasks, dask=dask), 1):
            report(done_now * (plan.last_step - plan.first_step) // STEPS_PER_DAY, "")
        return
    if jobs == 1:
        for member in range(members):
            run_member(out, plan, member, lambda steps, member=member: show(member, steps))  # type: ignore[misc]
        return
    shared = multiprocessing.get_context("spawn").Array("l", members)
    with worker_pool(jobs, _share, (shared,)) as pool:
        futures = [pool.submit(_run_shared, out, plan, member) for member in range(members)]
        _watch(futures, lambda: report(sum(shared[:]) // STEPS_PER_DAY, ""))


def _share(shared: Any) -> None:
    global _steps_done
    _steps_done = shared


def _run_shared(out: Path, plan: ArcticPlan, member: int) -> None:
    def report(steps: int) -> None:
        _steps_done[member] = steps

    run_member(out, plan, member, report)


def _watch(futures: list[Future[None]], show: Callable[[], None]) -> None:
    try:
        while True:
            finished, waiting = wait(futures, timeout=1.0, return_when=FIRST_EXCEPTION)
            show()
            for future in finished:
                future.result()
            if not waiting:
                return
    except BrokenProcessPool as error:
        raise HaloclineError(
            "a member's process",
            found="it was ended from outside (killed, or out of memory)",
            expected="it runs to its end",
            remedy="Run the same command again: it continues from the last restart; use fewer --jobs for less memory.",
        ) from error
