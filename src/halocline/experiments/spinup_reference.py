"""``halocline spinup reference``: forcing to known equilibria, their errors, a table and a page."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from halocline.data.store.store import open_store
from halocline.experiments.spinup_given import require_cold_years
from halocline.report.spinup.reference import write_references
from halocline.runtime import files
from halocline.runtime.errors import ConfigError, OutputError, require_at_least, require_choice, require_within
from halocline.runtime.progress import Report, progress
from halocline.runtime.run_lock import alone
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.runtime.version import __version__
from halocline.spinup.criterion import WINDOW
from halocline.spinup.histories import FORCING, of_others, read_forcing, read_histories, write_forcing
from halocline.spinup.reference.folder import write_reference
from halocline.spinup.reference.make import Reference, ReferenceRuns
from halocline.spinup.reference.settings import PROOF, ReferenceSettings
from halocline.spinup.reference.starts import Case, far_start, warm_start
from halocline.spinup.run import InitialState
from halocline.spinup.session_pool import SessionPool
from halocline.spinup.targets import Archive
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.parameters import RANGES, ForcingParameters
from halocline.worlds.dino.presets import preset as find_preset
from halocline.worlds.dino.process import require_veros

PLAN = "plan.json"
"""Beside the runs of a forcing: what they begin from, and when they are extrapolated first."""
OTHERS = ("far", "mirror", "warm", "own", "surface")
"""Starts of the second side: the analytic one with a deep ocean of the same density on the far side of the equilibrium,
what the cold side has ahead of it once more beyond its end (see reference.tail), one with a warmer deep ocean, the
member's own simulated state, or what a response surface over the training members says."""
OF_A_STORE = ("own", "surface")
"""Those that need one."""


@alone
def make_references(
    out: Path,
    *,
    data: Path | None = None,
    members: Sequence[int] = (),
    targets: int | None = None,
    forcing: dict[str, float] | None = None,
    preset: str = "R4",
    other: str = "far",
    years: int = 200,
    max_years: int = 1000,
    cold_years: int | None = None,
    histories: Path | None = None,
    jobs: int = 1,
    quiet: bool = False,
) -> str:
    """Make known equilibria, a folder a forcing; the same call again continues one that was stopped or killed.

    Args:
        out: Folder of the equilibria.
        data: Store of ``halocline simulate dino`` whose members' forcing is meant.
        members: Which of its members.
        targets: Or so many of its held-out members, in the order of ``reproduce spinup``.
        forcing: Without a store: parameters that differ from DINO's own.
        preset: Size of the basin, without a store.
        other: Start of the second side, see OTHERS.
        years: Years of each side before the first extrapolation.
        max_years: Years of each side at most; with ``years`` of them nothing is extrapolated, and the table tells how
            the sides drift.
        cold_years: Years of the cold side before its first extrapolation, ``years`` if None: the plain cold start, the
            yardstick of ``reproduce spinup --references``, which takes these years over.
        histories: Folder of runs of other forcings that teach the map of changes as well, of ``simulate dino
            --equilibrium`` or of this command; those of a case's own forcing do not.
        jobs: Veros processes.
        quiet: No progress.

    Returns:
        The table as Markdown.

    Raises:
        ConfigError: If an argument is out of range, or the forcing is told twice or not at all.
        StoreError: If the store has no such members.
        InputError: If Veros is not installed.
        OutputError: If ``out`` holds runs of another forcing or size under the same name.
        HaloclineError: If a process was ended, or the model blew up.
    """
    _check(data, members, targets, forcing, other, years, max_years, jobs)
    require_cold_years(cold_years, years, "--years")
    settings = ReferenceSettings(first_years=years, max_years=max_years, cold_years=cold_years, meet=other == "mirror")
    archive = None if data is None else Archive(open_store(data))
    size = preset if archive is None else archive.preset
    cases = _cases(archive, members, targets, forcing or {}, size, other)
    require_veros()
    out = Path(out)
    by: dict[str, object] = {} if histories is None else {"histories": histories.name}
    by |= {} if cold_years is None else {"cold_years": cold_years}
    for case in cases:
        _claim(out / case.name, size, case, {"other": case.other_words, "years": years, **by})
    total = sum(settings.most_years for _ in cases)
    with progress("equilibria, model years run or not needed", total, quiet=quiet) as report:
        found, start_seconds = _make(cases, size, out, settings, histories, jobs, report)
    about = {"halocline": __version__, "preset": size, "set-up and compiling, CPU s": round(start_seconds, 1)}
    return write_references(found, settings, about | ({} if data is None else {"data": data.name}), out)


def _make(
    cases: Sequence[Case],
    size: str,
    out: Path,
    settings: ReferenceSettings,
    histories: Path | None,
    jobs: int,
    report: Report,
) -> tuple[list[Reference], float]:
    grid = make_grid(make_geometry(find_preset(size)))
    every = [] if histories is None else read_histories(histories, size)
    done = dict.fromkeys((case.name for case in cases), 0)

    def tell(name: str, years: int, note: str) -> None:
        done[name] = years
        report(sum(done.values()), note)

    def make(case: Case) -> Reference:
        others = [] if histories is None else of_others(every, case.forcing, histories)
        taught = [h for runs in others for h in runs.histories]
        found = ReferenceRuns(case, grid, out / case.name, settings, tell, taught).make(pool)
        write_reference(found, size, settings, out / case.name)
        tell(
            case.name, settings.most_years, f"{case.name}: {'within the limits' if found.figures.verified else 'ended'}"
        )
        return found

    with SessionPool(size, out / "jobs", jobs) as pool:
        return pool.map(make, cases), pool.start_seconds


def _cases(
    archive: Archive | None,
    members: Sequence[int],
    targets: int | None,
    forcing: dict[str, float],
    size: str,
    other: str,
) -> list[Case]:
    if archive is None:
        parameters = ForcingParameters(**forcing)
        name = "_".join(f"{k}-{v:g}" for k, v in sorted(forcing.items())) or "dino"
        return [Case(name, parameters, *_second(other, size, parameters))]
    chosen = [archive.target(m) for m in dict.fromkeys(members)] if targets is None else archive.targets(targets)
    if other == "own":
        return [Case(t.name, t.forcing, archive.own(t), "the member's own simulated state") for t in chosen]
    if other == "surface":
        words = f"a response surface over the training members of {archive.store.path.name}"
        return [Case(t.name, t.forcing, archive.surface(t), words) for t in chosen]
    return [Case(t.name, t.forcing, *_second(other, size, t.forcing)) for t in chosen]


def _second(other: str, size: str, forcing: ForcingParameters) -> tuple[InitialState | None, str]:
    """Return an analytic start of the second side (none: its mirror image is made later), and what it is."""
    if other == "mirror":
        return None, "the mirror image of what the cold side had ahead of it"
    geometry = make_geometry(find_preset(size))
    grid = make_grid(geometry)
    if other == "warm":
        return warm_start(geometry, grid, forcing), "the cold start with a warmer deep ocean"
    return far_start(geometry, grid, forcing)


def _claim(folder: Path, size: str, case: Case, how: dict[str, object]) -> None:
    """Write down whose runs the folder holds and how they begin, or check it."""
    if not (folder / FORCING).exists():
        if folder.exists() and any(folder.iterdir()):
            remedy = "Choose another --out."
            raise OutputError(
                f"output {folder}", found="other things in it", expected="a new or empty folder", remedy=remedy
            )
        write_forcing(folder, size, case.forcing)
    before_size, before = read_forcing(folder)
    plan = folder / PLAN
    if not plan.exists():
        write_json(plan, how)
    files.require_same(
        f"output {folder}",
        {"preset": before_size, **asdict(before), **read_json(plan, "plan of the runs", OutputError)},
        {"preset": size, **asdict(case.forcing), **how},
        "Give the options that it was begun with (--other warm was the default once), or choose another --out.",
    )


def _check(
    data: Path | None,
    members: Sequence[int],
    targets: int | None,
    forcing: dict[str, float] | None,
    other: str,
    years: int,
    max_years: int,
    jobs: int,
) -> None:
    told = [name for name, given in (("--member", bool(members)), ("--targets", targets is not None)) if given]
    if (data is None and told) or (data is not None and (len(told) != 1 or forcing)):
        found = ", ".join([*told, *(["--set"] if forcing else []), *(["--data"] if data is not None else [])])
        raise ConfigError(
            "the forcing",
            found=found,
            expected="--data with --member or --targets; or --set name=value and no --data",
            remedy="Say once whose equilibrium is wanted.",
        )
    for name, value in (forcing or {}).items():
        require_choice("forcing parameter", name, RANGES)
        require_within(name, value, *RANGES[name], "")
    require_choice("--other", other, OTHERS)
    if other in OF_A_STORE and data is None:
        raise ConfigError(
            f"--other {other}", found="no --data", expected="a store whose members have states", remedy="Leave it out."
        )
    if years % WINDOW or max_years % WINDOW:
        found = f"{years} and {max_years}"
        remedy = f"Runs are made of blocks of {WINDOW} years."
        raise ConfigError("years, max-years", found=found, expected=f"multiples of {WINDOW}", remedy=remedy)
    require_at_least({"years": (years, PROOF * WINDOW), "max-years": (max_years, years), "jobs": (jobs, 1)})
