"""Start the ocean model from states and watch what it makes of them: resumable, in processes, beside controls."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from halocline.runtime import files
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import OutputError, require_at_least
from halocline.runtime.progress import progress
from halocline.runtime.run_lock import alone
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.trials.plan import TrialPlan
from halocline.trials.run_table import RunTable
from halocline.trials.starts import TrialStart
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.job import ModelTask, TaskFolder
from halocline.worlds.dino.process import require_veros, run_tasks
from halocline.worlds.dino.seen import looked_at

MARK = "integrate.json"
"""What tells that a folder holds runs; the seed and the protocol of all of them."""


@alone
def integrate(plan: TrialPlan, out: Path, *, jobs: int = 1, quiet: bool = False) -> RunTable:
    """Run every state of a plan; the same call again continues what was stopped or killed, and may add states.

    Each run is a full reset of the model to the state's temperature and salinity, a spin-up of the velocities under
    held tracers, days with synchronous steps, and years with accelerated tracers (Protocol). Runs that would be the
    same to the bit are made once. A model that blows up is a result; see ``RunTable``.

    Args:
        plan: From ``plan_runs``.
        out: Folder of the runs: made if absent; ``members/NAME`` for each, then ``runs.csv`` and ``runs.nc``.
        jobs: Processes, one core each.
        quiet: No progress.

    Returns:
        The diagnostics of all runs.

    Raises:
        InputError: If Veros is not installed.
        OutputError: If ``out`` holds something else, or a run of the same name from another state.
        HaloclineError: If a process was killed; the others have finished then.
    """
    require_veros()
    require_at_least({"jobs": (jobs, 1)})
    out = Path(out)
    _claim(out, plan)
    with clean_start(lambda: any(TaskFolder(path).has_begun for path in (out / "members").glob("*/")), out):
        return _run(plan, out, jobs, quiet)


def _run(plan: TrialPlan, out: Path, jobs: int, quiet: bool) -> RunTable:
    tasks, folders = _tasks(out, plan)
    total = sum(plan.protocol.steps(plan.preset, task.days) for task in tasks)
    done = {task.name: 0 for task in tasks}
    title = f"integrate {plan.preset.name}, {len(tasks)} runs, steps"
    with progress(title, total, quiet=quiet) as report, _explain_stop(out, quiet):

        def show(task: str, day: float) -> None:
            done[task] = plan.protocol.steps(plan.preset, day)
            report(sum(done.values()), task)

        left = [task for task in tasks if not looked_at(task, plan.preset.name).finished]
        for task in tasks:
            if task not in left:
                show(task.name, task.days)
        if left:
            run_tasks(left, plan.preset.name, out / "jobs", jobs=jobs, progress=show)
    table = RunTable.collect(plan, folders)
    table.write(out)
    return table


def _claim(out: Path, plan: TrialPlan) -> None:
    """Make the folder, or see that it holds runs of the same protocol."""
    words: dict[str, Any] = {"preset": plan.preset.name, "seed": plan.seed, **asdict(plan.protocol)}
    mark = out / MARK
    if not mark.exists():
        files.require_absent(out)
        write_json(mark, words)
        return
    clear_inside(out)
    before = read_json(mark, "runs", OutputError)
    remedy = "Runs continue with the protocol that began them; choose another --out for another."
    files.require_same(f"runs {out}", before, words, remedy)


def _tasks(out: Path, plan: TrialPlan) -> tuple[list[ModelTask], dict[str, TaskFolder]]:
    """Return what is to be run, and the folder of each start; equal runs share one."""
    tasks: list[ModelTask] = []
    folders: dict[str, TaskFolder] = {}
    made: dict[str, TaskFolder] = {}
    for start in plan.starts:
        weather = ForcingPlan(plan.seed, start.weather, start.forcing, start.forcing, 0, int(start.day))
        key = _fingerprint(start, weather)
        if key not in made:
            path = out / "members" / start.name
            _lay_out(path, start, key)
            made[key] = TaskFolder(path)
            state = str((path / "start.npz").absolute())
            tasks.append(ModelTask(start.name, str(path.absolute()), weather, plan.protocol.legs(), state))
        folders[start.name] = made[key]
    return tasks, folders


def _lay_out(path: Path, start: TrialStart, key: str) -> None:
    about = path / "start.json"
    if about.exists():
        if read_json(about, "run", OutputError).get("fingerprint") != key:
            raise OutputError(
                f"run {path}",
                found="a run of this name from another state or under other forcing",
                expected="the state it began with",
                remedy="Choose another --out, or another name for the group.",
            )
        return
    files.write_npz(path / "start.npz", {"thetao": start.thetao, "so": start.so})
    words = {"group": start.group, "member": start.member, "control": start.control, "fingerprint": key}
    write_json(about, words)


def _fingerprint(start: TrialStart, weather: ForcingPlan) -> str:
    digest = hashlib.sha256(json.dumps(asdict(weather), sort_keys=True).encode())
    for values in (start.thetao, start.so):
        digest.update(np.ascontiguousarray(values, np.float32).tobytes())
    return digest.hexdigest()


@contextmanager
def _explain_stop(out: Path, quiet: bool) -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        if not quiet:
            print(f"\nFinished runs are kept in {out}; the same command continues.")
        raise
