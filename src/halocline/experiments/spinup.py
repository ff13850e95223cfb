"""``halocline reproduce spinup``: a store, and generated states or a model, to the spin-up table."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from halocline.data.sampling.conditions import OutsideTrainedRange
from halocline.data.store.store import open_store
from halocline.experiments.spinup_given import known_equilibria, slow_maps
from halocline.report.spinup.page import write_spinup
from halocline.runtime import files
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import ConfigError, InputError, ModelError, OutputError, require_at_least
from halocline.runtime.model_folder import read_card
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
from halocline.systems.shipped import model_path
from halocline.trials.ocean.starts import DAY, StartGroup, TrialStart, read_starts
from halocline.worlds.dino.job import TaskFolder
from halocline.worlds.dino.parameters import NAMES, RANGES
from halocline.worlds.dino.process import require_veros

DRAWS = 8
"""States drawn for each target from a model."""
NEAR = 0.05
"""A state counts as generated for a target if each parameter is nearer than this share of its range."""

SAME_SEASON = 15.0
"""States at most this many days apart are averaged."""


@alone
def reproduce_spinup(
    data: Path,
    out: Path,
    *,
    model: str | None = None,
    states: Path | None = None,
    references: Path | None = None,
    histories: Path | None = None,
    targets: int = 1,
    methods: Sequence[str] | None = None,
    max_years: int = 300,
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
        targets: How many held-out members.
        methods: Names from spinup.methods.METHODS; all that are possible if None.
        max_years: Years at which runs end at the latest, and of the two reference runs if they are needed.
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
    archive = Archive(open_store(data))
    chosen_targets = archive.targets(targets)
    generated = model is not None or states is not None
    chosen = choose(methods, generated=generated, histories=histories is not None, known=references is not None)
    known, words = known_equilibria(references, archive, chosen_targets)
    require_veros()
    out = Path(out)
    about = _claim(out, archive, data)
    with clean_start(lambda: any(TaskFolder(path).has_begun for path in out.glob("*/*/run-*/")), out):
        starts, facts = _starts(archive, chosen_targets, chosen, model, states, seed, out)
        slow, taught = slow_maps(histories, archive, chosen_targets, chosen, out)
        facts |= words | taught
        plan = SpinupPlan(archive, chosen_targets, chosen, starts, max_years, known=known, slow=slow)
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
        if "nearest" in wanted:
            member, starts[target.name, "nearest"] = archive.nearest(target)
            facts[f"nearest_to_{target.name}"] = f"member {member}"
    if wanted & set(GENERATED):
        facts["generated_states"] = str(states or model)
        if model is not None:
            states, facts["drawing_seconds"] = _draw(model, targets, seed, out)
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
            mine = _made_for(found, target, states)
            mean = admissible(_array(mine), archive.metric.grid)
            starts[target.name, "generated"] = InitialState(_array(mine[:1]), mine[0].day)
            starts[target.name, "generated-mean"] = InitialState(mean, mine[0].day)
            facts[f"generated_for_{target.name}"] = f"{len(mine)} states"
    return starts, facts


def _draw(model: str, targets: Sequence[Target], seed: int, out: Path) -> tuple[Path, float]:
    """Draw states of 1 January for the targets' forcing; a file of the same model that is there is kept."""
    from halocline.chain.dataset import write_dataset
    from halocline.systems.loading import load_model

    path, cost = out / f"generated-{len(targets)}-{seed}.nc", out / f"generated-{len(targets)}-{seed}.json"
    fingerprint = read_card(model_path(model))["card_sha256"]
    kept = read_json(cost, "cost of the drawing") if cost.exists() else {}
    if kept.get("model") != fingerprint:
        files.remove(path)
        chain = load_model(model)
        known = () if chain.conditions is None else chain.conditions.names
        values = {name: np.repeat([getattr(t.forcing, name) for t in targets], DRAWS) for name in NAMES}
        conditions = {name: v for name, v in (values | {DAY: np.zeros(DRAWS * len(targets))}).items() if name in known}
        if not set(NAMES) & set(known):
            raise ModelError(
                f"model {model}",
                found="no forcing parameter among its conditions",
                expected="a model conditioned on the forcing",
                remedy="Train one with the preset 'dino'.",
            )
        began = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideTrainedRange)  # a target at the end of the range is meant to be
            dataset = chain.generate(DRAWS * len(targets), seed, conditions=conditions, quiet=True)
        seconds = time.process_time() - began
        # Parameters that are no condition of the model are recorded all the same: each state is meant for its target.
        dataset = dataset.assign_coords({name: ("member", v) for name, v in values.items()})
        write_dataset(dataset, path)
        kept = {"seconds": seconds, "model": fingerprint}
        write_json(cost, kept)
    return path, float(kept.get("seconds", 0.0))


def _made_for(found: StartGroup, target: Target, source: Path) -> list[TrialStart]:
    """Return the states whose forcing is the target's, of the first one's time of the year.

    Raises:
        InputError: If there is none; it names the nearest.
    """
    width = np.array([high - low for low, high in RANGES.values()])
    away = [np.abs(np.subtract(s.forcing.values(), target.forcing.values())) / width for s in found.starts]
    near = [s for s, a in zip(found.starts, away, strict=True) if a.max() <= NEAR]
    missing = sorted(set(NAMES) - found.given)
    if missing or not near:
        nearest = min(float(a.max()) for a in away)
        raise InputError(
            f"forcing of the states {source}",
            found=f"no coordinate {', '.join(missing)}"
            if missing
            else f"none for {target.name}; the nearest is {100 * nearest:.0f} % of a parameter's range away",
            expected=f"coordinates with the forcing of {target.name}, at most {100 * NEAR:.0f} % of a range off",
            remedy="Draw them with: halocline generate MODEL "
            + " ".join(f"--condition {name}={value:g}" for name, value in asdict(target.forcing).items()),
        )
    return [s for s in near if abs(s.day - near[0].day) <= SAME_SEASON]


def _array(states: Sequence[TrialStart]) -> np.ndarray:
    """Return the mean of states (variable, level, y, x)."""
    return np.asarray(np.mean([np.stack([s.thetao, s.so]) for s in states], axis=0, dtype=np.float64))


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
