"""``halocline reproduce spinup``: a store, and generated states or a model, to the spin-up table."""

from collections.abc import Sequence
from pathlib import Path

from halocline.data.store.store import open_store
from halocline.experiments.drawn import draw_states, made_for, mean_of
from halocline.experiments.spinup_given import (
    chosen_targets,
    cold_starts,
    known_equilibria,
    require_cold_years,
    slow_maps,
)
from halocline.report.spinup.page import write_spinup
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import ConfigError, InputError, OutputError, require_at_least
from halocline.runtime.progress import progress
from halocline.runtime.run_lock import alone
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.runtime.version import __version__
from halocline.spinup.admissible import admissible
from halocline.spinup.criterion import WINDOW
from halocline.spinup.experiment import REFERENCE_BLOCKS, Experiment, SpinupPlan
from halocline.spinup.methods import GENERATED, Method, choose
from halocline.spinup.run import InitialState
from halocline.spinup.targets import Archive, Target
from halocline.trials.ocean.starts import read_starts
from halocline.worlds.dino.job import TaskFolder
from halocline.worlds.dino.process import require_veros


@alone
def reproduce_spinup(
    data: Path,
    out: Path,
    *,
    model: str | None = None,
    states: Path | None = None,
    references: Path | None = None,
    histories: Path | None = None,
    targets: int | None = None,
    members: Sequence[int] = (),
    methods: Sequence[str] | None = None,
    max_years: int = 300,
    cold_years: int | None = None,
    stricter: bool = False,
    seed: int = 0,
    jobs: int = 1,
    quiet: bool = False,
) -> str:
    """Count model years and CPU seconds until equilibrium from several starts; the same call again continues.

    Args:
        data: Store of ``halocline simulate dino``; its training members are known, its held-out ones give the forcing.
        out: Folder of runs and results.
        model: Model folder to draw states from, ``DRAWS`` a target, on 1 January.
        states: File of states that were generated for the targets, with their forcing as coordinates.
        references: Folder of ``halocline spinup reference`` with an equilibrium for every target; without it the ends
            of two runs of this experiment serve.
        histories: Folder of runs that teach jumps, of ``halocline spinup reference`` or of this experiment; those of a
            target's own forcing do not teach its map.
        targets: How many held-out members, the first one if None.
        members: Or which.
        methods: Names from spinup.methods.METHODS; all that are possible if None.
        max_years: Years at which runs end at the latest, and of the two reference runs if they are needed.
        cold_years: Years of the plain cold start at most, if others shall not run as long: it is what they are compared
            with. With ``references`` only.
        stricter: Run on until a criterion half as wide holds too; else it is told only as far as runs happen to go.
        seed: Seed of the drawing.
        jobs: Veros processes.
        quiet: No progress.

    Returns:
        The table as Markdown.

    Raises:
        ConfigError: If an argument is out of range, or a method unknown.
        StoreError: If the store has no held-out or training members.
        InputError: If Veros is not installed, or the states are of another grid or other forcing.
        OutputError: If ``out`` holds the runs of other data.
    """
    _check(model, states, max_years, jobs)
    _check_cold(cold_years, max_years, references)
    archive = Archive(open_store(data))
    whose = chosen_targets(archive, targets, members)
    generated = model is not None or states is not None
    chosen = choose(methods, generated=generated, histories=histories is not None, known=references is not None)
    known, words = known_equilibria(references, archive, whose)
    require_veros()
    out = Path(out)
    about = _claim(out, archive, data)
    with clean_start(lambda: any(TaskFolder(path).has_begun for path in out.glob("*/*/run-*/")), out):
        starts, facts = _starts(archive, whose, chosen, model, states, seed, out)
        slow, taught = slow_maps(histories, archive, whose, chosen, out)
        facts |= words | taught | cold_starts(references, known, out)
        plan = SpinupPlan(
            archive,
            whose,
            chosen,
            starts,
            max_years,
            known=known,
            slow=slow,
            stricter=stricter,
            cold_years=cold_years,
        )
        with progress("spin-up, model years run or not needed", plan.total_years, quiet=quiet) as report:
            result = Experiment(plan, out, report).run(jobs)
    return write_spinup(result, plan, about | facts | {"start_seconds": round(result.start_seconds, 1)}, out)


def _starts(
    archive: Archive,
    targets: Sequence[Target],
    methods: Sequence[Method],
    model: str | None,
    states: Path | None,
    seed: int,
    out: Path,
) -> tuple[dict[tuple[str, str], InitialState], dict[str, object]]:
    wanted = {m.start for m in methods}
    starts: dict[tuple[str, str], InitialState] = {}
    facts: dict[str, object] = {}
    for target in targets:
        if "own" in wanted:
            starts[target.name, "own"] = archive.own(target)
        if "mean" in wanted:
            starts[target.name, "mean"] = archive.mean()
        if "regression" in wanted:
            starts[target.name, "regression"] = archive.regression(target)
        if "surface" in wanted:
            starts[target.name, "surface"] = archive.surface(target)
        if "nearest" in wanted:
            member, starts[target.name, "nearest"] = archive.nearest(target)
            facts[f"nearest_to_{target.name}"] = f"member {member}"
    if wanted & set(GENERATED):
        facts["generated_states"] = str(states or model)
        if model is not None:
            states, facts["drawing_seconds"] = draw_states(model, targets, seed, out)
        assert states is not None
        found = read_starts(states, "generated")
        if found.preset.name != archive.preset:
            raise InputError(
                f"states {states}",
                found=f"the cells of DINO {found.preset.name}",
                expected=f"those of the store, DINO {archive.preset}",
                remedy="Draw states with a model that was trained on this store.",
            )
        for target in targets:
            mine = made_for(found, target, states)
            mean = admissible(mean_of(mine), archive.metric.grid)
            starts[target.name, "generated"] = InitialState(mean_of(mine[:1]), mine[0].day)
            starts[target.name, "generated-mean"] = InitialState(mean, mine[0].day)
            facts[f"generated_for_{target.name}"] = f"{len(mine)} states"
    return starts, facts


def _claim(out: Path, archive: Archive, data: Path) -> dict[str, object]:
    """Write down whose runs the folder holds, or check it; return the facts."""
    facts: dict[str, object] = {
        "data": data.name,
        "data_fingerprint": archive.store.fingerprint,
        "preset": archive.preset,
        "halocline": __version__,
    }
    path = out / "identity.json"
    if path.exists():
        clear_inside(out)
        before = read_json(path, "identity of the runs", OutputError)
        if before.get("data_fingerprint") != facts["data_fingerprint"]:
            raise OutputError(
                f"output {out}",
                found=f"runs of {before.get('data')} ({before.get('data_fingerprint')})",
                expected=f"runs of {data.name} ({facts['data_fingerprint']})",
                remedy="Choose another --out.",
            )
    elif out.exists() and any(out.iterdir()):
        remedy = "Choose another --out."
        raise OutputError(
            f"output {out}", found="a folder with other things in it", expected="a new or empty folder", remedy=remedy
        )
    else:
        write_json(path, facts)
    return facts


def _check(model: str | None, states: Path | None, max_years: int, jobs: int) -> None:
    if model is not None and states is not None:
        remedy = "States are drawn from the model, or read from the file."
        raise ConfigError("--model and --states", found="both", expected="at most one", remedy=remedy)
    least = (REFERENCE_BLOCKS + 1) * WINDOW
    if max_years < least or max_years % WINDOW:
        remedy = "The last 30 years of two runs are the references."
        raise ConfigError(
            "max-years", found=max_years, expected=f"a multiple of {WINDOW}, at least {least}", remedy=remedy
        )
    require_at_least({"jobs": (jobs, 1)})


def _check_cold(cold_years: int | None, max_years: int, references: Path | None) -> None:
    if cold_years is None:
        return
    if references is None:
        remedy = "Give --references, or a longer --max-years."
        found = f"{cold_years}, and a cold start that is itself a reference"
        raise ConfigError("cold-years", found=found, expected="known equilibria", remedy=remedy)
    require_cold_years(cold_years, max_years, "--max-years")
