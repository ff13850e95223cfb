"""Start a model from states and watch what it makes of them: resumable, in processes, beside controls."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from halocline.runtime import files
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import OutputError, require_at_least
from halocline.runtime.limits import check_numbers
from halocline.runtime.run_lock import alone
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.trials.protocol import Run, Start, Trial
from halocline.trials.run_table import RunTable

MARK = "integrate.json"
"""What tells that a folder holds runs; the seed and the protocol of all of them."""


@alone
def integrate(plan: Trial, out: Path, *, jobs: int = 1, quiet: bool = False) -> RunTable:
    """Run every state of a plan; the same call again continues what was stopped or killed, and may add states.

    Runs that would be the same to the bit are made once. A model that blows up is a result; see ``RunTable``.

    Args:
        plan: What to run, in whichever world: from ``trials.ocean.plan.plan_runs`` or ``trials.ice.plan.plan_runs``.
        out: Folder of the runs: made if absent; ``members/NAME`` for each, then ``runs.csv`` and ``runs.nc``.
        jobs: Processes, one core each.
        quiet: No progress.

    Returns:
        The diagnostics of all runs.

    Raises:
        HaloclineError: If the world's model is not installed, or a process was killed.
        OutputError: If ``out`` holds something else, or a run of the same name from another state.
    """
    plan.require()
    check_numbers({"jobs": jobs})
    require_at_least({"jobs": (jobs, 1)})
    out = Path(out)
    _claim(out, plan.identity)
    with clean_start(lambda: any(plan.has_begun(path) for path in (out / "members").glob("*/")), out):
        runs, folders = _runs(out, plan)
        with _explain_stop(out, quiet):
            plan.perform(runs, out, jobs, quiet)
        table = plan.collect(folders)
        table.write(out)
    return table


def _claim(out: Path, identity: Mapping[str, Any]) -> None:
    """Make the folder, or see that it holds runs of the same protocol."""
    mark = out / MARK
    if not mark.exists():
        files.require_absent(out)
        write_json(mark, dict(identity))
        return
    clear_inside(out)
    before = read_json(mark, "runs", OutputError)
    remedy = "Runs continue with the protocol that began them; choose another --out for another."
    files.require_same(f"runs {out}", before, dict(identity), remedy)


def _runs(out: Path, plan: Trial) -> tuple[list[Run], dict[str, Path]]:
    """Return what is to be run, and the folder of each start; equal runs share one."""
    runs: list[Run] = []
    folders: dict[str, Path] = {}
    made: dict[str, Path] = {}
    for start in plan.starts:
        conditions = plan.conditions(start)
        key = _fingerprint(start, conditions)
        if key not in made:
            made[key] = out / "members" / start.name
            _lay_out(made[key], start, key)
            runs.append(Run(start, made[key], conditions))
        folders[start.name] = made[key]
    return runs, folders


def _lay_out(path: Path, start: Start, key: str) -> None:
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
    files.write_npz(path / "start.npz", start.arrays())
    words = {"group": start.group, "member": start.member, "control": start.control, "fingerprint": key}
    write_json(about, words)


def _fingerprint(start: Start, conditions: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(dict(conditions), sort_keys=True).encode())
    for values in start.arrays().values():
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
