"""``halocline simulate dino --equilibrium``: an ensemble of equilibria into a store, and what each of them cost."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter
from halocline.experiments.drawn import draw_states, made_for, mean_of
from halocline.runtime import files
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import ConfigError, require_at_least, require_choice
from halocline.runtime.limits import check_numbers
from halocline.runtime.progress import Report, progress
from halocline.runtime.run_lock import alone
from halocline.runtime.version import __version__
from halocline.spinup.criterion import WINDOW
from halocline.spinup.factory.begin import Begin
from halocline.spinup.factory.carry import Carried
from halocline.spinup.factory.costs import cost_lines, words_of, write_costs
from halocline.spinup.factory.finished import state_file
from halocline.spinup.factory.make import Draw, Factory, Line
from halocline.spinup.factory.settings import STARTS, FactorySettings, Start
from halocline.spinup.reference.settings import ROUND
from halocline.spinup.session_pool import SessionPool
from halocline.spinup.targets import Target
from halocline.trials.ocean.starts import read_starts
from halocline.worlds.continued import already_complete
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.job import Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import RANGES, ForcingParameters, Member
from halocline.worlds.dino.presets import preset as find_preset
from halocline.worlds.dino.process import require_veros
from halocline.worlds.dino.run import collect, create_ensemble, require_health
from halocline.worlds.dino.sobol import sobol_ensemble
from halocline.worlds.dino.stability import instability

WEATHER = "weather"
"""Folder of a member's run under weather."""
CARRIED = "carried.npz"
"""File of where a member would end, in its folder."""
LEAST_PILOT_YEARS = 60
"""Years of a pilot's side before its first extrapolation, at least: the first three decades teach no map."""


@dataclass(frozen=True)
class EquilibriumPlan:
    """What to simulate; see ``simulate_equilibria``."""

    preset: str
    members: int
    branch_years: int
    years: int
    sample_days: int
    seed: int

    @property
    def samples(self) -> int:
        """States a member."""
        return self.years * YEAR_DAYS // self.sample_days


def equilibria_folder(out: Path) -> Path:
    """Return the folder beside a store that keeps its members' runs without weather, and ``costs.csv``."""
    return out.with_name(out.name + ".equilibria")


@alone
def simulate_equilibria(
    out: Path,
    *,
    preset: str = "R4",
    members: int = 48,
    branch_years: int = 2,
    years: int = 10,
    sample_days: int = 73,
    pilots: int = 4,
    pilot_years: int = 200,
    together: int = 4,
    max_years: int = 200,
    again: int = 0,
    sweeps: int = 2,
    looser: float = 1.0,
    start: Start = "auto",
    model: str | None = None,
    seed: int = 0,
    jobs: int = 1,
    quiet: bool = False,
) -> Path:
    """Simulate an ensemble of equilibria into a store; the same call again continues one that was stopped or killed.

    Members are spread by scrambled Sobol points. Each is brought to the equilibrium of its forcing without weather
    (spinup.factory), carried on by what all members have taught in the end, and goes on from there under weather, of
    which states are stored.

    Args:
        out: Store to create. The runs without weather and ``costs.csv`` stay beside it, in ``DATA.zarr.equilibria``: a
            folder that ``reproduce spinup --histories`` reads.
        preset: R8, R4, R2 or R1.
        members: Size of the ensemble, at least 4; roles as in ``simulate dino``.
        branch_years: Years of each member under weather before its first state.
        years: Years of each member from which states are stored.
        sample_days: Days between states.
        pilots: First members, run from both sides.
        pilot_years: Years of each of their sides before the first extrapolation.
        together: Members that begin by the same finished ones.
        max_years: Years without weather of a member at most.
        again: First members that go on once all others have ended, if they do not hold the limits.
        sweeps: How often they are gone through, the first time included.
        looser: Times a reference's limits.
        start: Where members after the pilots begin, see FactorySettings.
        model: Model folder or shipped model that draws starts; ``start`` is then ``model``.
        seed: Seed of parameters, weather and drawing.
        jobs: Veros processes; the states do not depend on it.
        quiet: No progress, no table.

    Raises:
        ConfigError: If an argument is out of range.
        InputError: If Veros is not installed.
        OutputError: If ``out`` holds something else.
        HaloclineError: If a process was killed, or a member's model blew up.
    """
    out, start = Path(out), "model" if model is not None and start == "auto" else start
    plan = EquilibriumPlan(preset, members, branch_years, years, sample_days, seed)
    settings = FactorySettings(pilots, pilot_years, together, max_years, again, sweeps, looser, start)
    geometry = make_geometry(find_preset(preset))
    _check(plan, settings, model, jobs)
    forced = sobol_ensemble(members, seed)
    provenance: dict[str, object] = {
        "command": "simulate dino --equilibrium",
        "halocline": __version__,
        **asdict(plan),
        "equilibrium": True,
        **settings.to_card(),
        **({} if model is None else {"model": model}),
        "ssh": "surface pressure under the rigid lid over rho0 g, area mean 0",
        "parameter_ranges": {name: list(ends) for name, ends in RANGES.items()},
    }
    runs = equilibria_folder(out)
    if out.exists() and already_complete(out, provenance, quiet):
        return out
    require_veros()
    if not out.exists():
        files.require_absent(runs, field="runs")
        sizes = {"years": years, "samples": plan.samples, "sample_days": sample_days}
        create_ensemble(out, geometry, forced, provenance, **sizes)
    clear_inside(runs)
    with clean_start(lambda: _gained(out, runs), out, runs):
        table = _run(out, runs, plan, settings, forced, None if model is None else _drawing(model, seed), jobs, quiet)
    with progress("statistics, states", members * plan.samples, quiet=quiet) as report:
        finish_store(out, report)
    if not quiet:
        print(words_of(table))
        print(f"member by member: {runs / 'costs.csv'}")
        print(f"static instability of the data: {instability(out):.2f} % of the interfaces, at their own depth")
    return out


def _run(
    out: Path,
    runs: Path,
    plan: EquilibriumPlan,
    settings: FactorySettings,
    forced: Sequence[Member],
    draw: Draw | None,
    jobs: int,
    quiet: bool,
) -> list[dict[str, Any]]:
    """Run what is missing, write the costs after each member, and fill the store."""
    geometry = make_geometry(find_preset(plan.preset))
    forcings = [member.parameters for member in forced]
    under = plan.branch_years + plan.years
    without = settings.most_years(plan.members)
    weather: dict[int, tuple[float, float]] = {}
    lines: list[Line] = []
    moved: dict[int, float] = {}

    def told() -> list[dict[str, Any]]:
        return cost_lines(lines, forced, weather, moved)

    def heard(line: Line) -> None:
        lines.append(line)
        write_costs(told(), runs)

    title = f"dino {plan.preset}, equilibria, model years run or not needed"
    with progress(title, without + plan.members * under, quiet=quiet) as report:
        factory = Factory(plan.preset, geometry, make_grid(geometry), forcings, runs, settings, report, draw)
        with SessionPool(plan.preset, runs / "jobs", jobs) as pool:
            ended = factory.make(pool, heard)
            carried = factory.carried(ended, [m for m, member in enumerate(forced) if member.role == "train"])
            moved |= {number: each.moved for number, each in carried.items()}
            tasks = {
                line.number: _weather(line, factory, plan, forcings[line.number], carried.get(line.number))
                for line in ended
            }
            _blow(pool, tasks, weather, moved, lambda done, note: report(without + done * under, note))
        writer, days = StoreWriter(out), plan.branch_years * YEAR_DAYS + plan.sample_days * np.arange(plan.samples)
        for number, task in tasks.items():
            collect(writer, number, TaskFolder(task.folder), days)
    write_costs(told(), runs)
    return told()


def _weather(
    line: Line, factory: Factory, plan: EquilibriumPlan, forcing: ForcingParameters, carried: Carried | None
) -> ModelTask:
    """Return a member's run under weather, from its equilibrium; a pilot's is the mean of its sides.

    Temperature and salinity of where it would end take the place of those with which it ended.
    """
    folder = factory.folder(line.number)
    water = str(folder / state_file(line.sweep)) if line.from_sides else None
    if carried is not None:
        water = str(folder / CARRIED)
        files.write_npz(folder / CARRIED, {"thetao": carried.state[0], "so": carried.state[1]})
    branch = Leg("accelerated", plan.branch_years * YEAR_DAYS, diagnose_days=YEAR_DAYS)
    stored = Leg("accelerated", plan.years * YEAR_DAYS, sample_days=plan.sample_days, diagnose_days=YEAR_DAYS)
    return ModelTask(
        name=f"member-{line.number:03d}, weather",
        folder=str(folder / WEATHER),
        forcing=ForcingPlan(plan.seed, line.number, forcing, forcing, 0),
        legs=(branch, stored) if plan.branch_years else (stored,),
        start=str(line.finished.end),
        replace=water,
    )


def _blow(
    pool: SessionPool,
    tasks: dict[int, ModelTask],
    weather: dict[int, tuple[float, float]],
    moved: dict[int, float],
    report: Report,
) -> None:
    """Run members under weather; one that blows up from where it was carried goes on from where it ended."""

    def run(number: int) -> None:
        task = tasks[number]
        with pool.session() as session:
            done = session.run(task)
            if done.crash.exists() and moved.get(number):
                task = tasks[number] = replace(task, folder=f"{task.folder}-plain", replace=None)
                del moved[number]
                done = session.run(task)
        require_health(task)
        weather[number] = (task.days / YEAR_DAYS, done.cpu_seconds())
        report(len(weather), task.name)

    pool.map(run, list(tasks))


def _drawing(model: str, seed: int) -> Draw:
    """Return what makes a member's start from states that a generator draws for its forcing: their mean."""

    def draw(numbers: Sequence[int], forcings: Sequence[ForcingParameters], folder: Path) -> list[Begin]:
        targets = [Target(n, "train", f) for n, f in zip(numbers, forcings, strict=True)]
        path, _ = draw_states(model, targets, seed, folder)
        found = read_starts(path, "generated")
        out = []
        for target in targets:
            mine = made_for(found, target, path)
            out.append(Begin(mean_of(mine), f"mean of {len(mine)} states of {model}", float("nan")))
        return out

    return draw


def _gained(out: Path, runs: Path) -> bool:
    once_whole = "fingerprint" in open_store(out, require_complete=False).attributes
    return once_whole or any(TaskFolder(path).has_begun for path in runs.glob("*/*/run-*/"))


def _check(plan: EquilibriumPlan, settings: FactorySettings, model: str | None, jobs: int) -> None:
    check_numbers(
        {
            **asdict(plan),
            "jobs": jobs,
            "pilot_years": settings.pilot_years,
            "max_years": settings.max_years,
            "again": settings.again,
            "sweeps": settings.sweeps,
        }
    )
    require_at_least(
        {
            "members": (plan.members, 4),
            "years": (plan.years, 1),
            "branch-years": (plan.branch_years, 0),
            "sample-days": (plan.sample_days, 1),
            "jobs": (jobs, 1),
            "pilots": (settings.pilots, 1),
            "together": (settings.together, 1),
            "pilot-years": (settings.pilot_years, LEAST_PILOT_YEARS),
            "max-years": (settings.max_years, ROUND * WINDOW),
            "again": (settings.again, 0),
            "sweeps": (settings.sweeps, 1),
            "looser": (settings.looser, 1.0),
        }
    )
    require_choice("start", settings.start, STARTS)
    if settings.pilot_years % WINDOW or settings.max_years % WINDOW:
        found = f"{settings.pilot_years} and {settings.max_years}"
        remedy = f"Runs are made of blocks of {WINDOW} years."
        raise ConfigError("pilot-years, max-years", found=found, expected=f"multiples of {WINDOW}", remedy=remedy)
    if (settings.start == "model") != (model is not None):
        found = f"--start {settings.start} and {'no model' if model is None else f'the model {model}'}"
        remedy = "Give --model MODEL and leave --start out, or leave the model out."
        raise ConfigError("--start", found=found, expected="'model' with --model, or another without", remedy=remedy)
    if plan.years * YEAR_DAYS < plan.sample_days:
        remedy = "Store more years, or more often."
        expected = f"at most {plan.years * YEAR_DAYS}"
        raise ConfigError("sample-days", found=plan.sample_days, expected=expected, remedy=remedy)
