"""One member of the factory: relaxed and jumped until its limits hold, or run from both sides; survives a kill."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from halocline.runtime import files
from halocline.runtime.errors import HaloclineError
from halocline.runtime.seals.arrays import read_npz
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.spinup.accelerate import Fit, JumpsBetweenBlocks
from halocline.spinup.admissible import admissible
from halocline.spinup.factory.begin import Begin
from halocline.spinup.factory.finished import Finished
from halocline.spinup.factory.settings import FactorySettings
from halocline.spinup.jump.slow_map import ChangeMap
from halocline.spinup.metric import Metric
from halocline.spinup.reference.extrapolate import SIDES
from halocline.spinup.reference.make import ReferenceRuns
from halocline.spinup.reference.settings import ReferenceSettings
from halocline.spinup.reference.starts import Case
from halocline.spinup.reference.stretch import Stretch
from halocline.spinup.run import InitialState, SpinupRun
from halocline.spinup.session_pool import SessionPool
from halocline.worlds.dino.parameters import ForcingParameters

RELAX = "relax"
"""Folder of a member's run without weather."""
Tell = Callable[[int, str], None]
"""``tell(years, note)``: model years of the member that are done."""


def run_pilot(
    case: Case, metric: Metric, folder: Path, settings: FactorySettings, pool: SessionPool, tell: Tell
) -> Finished:
    """Run a member from both sides, as ``halocline spinup reference`` does.

    Raises:
        HaloclineError: If the model blew up, or its process ended.
    """
    limits = settings.limits
    runs = ReferenceRuns(case, metric.grid, folder, limits, lambda _, years, note: tell(years, note))
    found = runs.make(pool)
    now = found.figures
    extrapolated = sum(len(d.proposals) for r in found.rounds if (d := r.decision) is not None)
    return Finished(
        state=now.state,
        end=runs.end(SIDES[0]),
        began="both sides",
        expected=np.nan,
        begin_distance=np.nan,
        years=found.years,
        cpu_seconds=found.cpu_seconds,
        jumps=extrapolated,
        blocks=0,
        verified=now.verified,
        drift={name: max(now.drift[side][name] for side in SIDES) for name in ("thetao", "so")},
        error={name: max(now.apart[name], now.remaining.get(name, 0.0)) for name in ("thetao", "so")},
        bound=now.bound,
    )


def run_member(
    name: str,
    forcing: ForcingParameters,
    begin: Callable[[], Begin],
    fit: Fit,
    metric: Metric,
    folder: Path,
    settings: FactorySettings,
    pool: SessionPool,
    tell: Tell,
    since: int = 0,
) -> Finished:
    """Relax a member from its start, with jumps, until the limits hold over thirty years without one, or years end.

    A run that is there goes on, by what is known now.

    Args:
        name: Of the member, for errors.
        forcing: Its parameters.
        begin: Makes its start; one that lies in the folder is taken instead.
        fit: Fits the map of changes to what finished members and this one's blocks have taught.
        metric: Norms.
        folder: Of the member.
        settings: Limits and lengths.
        pool: Where.
        tell: Hears of each block.
        since: Blocks of earlier sweeps.

    Raises:
        HaloclineError: If the model blew up where nothing had been extrapolated, or its process ended.
    """
    start = _kept(begin, folder)
    run = SpinupRun(
        folder / RELAX,
        forcing,
        InitialState(admissible(start.state, metric.grid)),
        accelerate=lambda: JumpsBetweenBlocks(fit, settings.jump, settings.per_jump),
        repair=lambda state: admissible(state, metric.grid),
    )
    limits = settings.limits
    while not _holds(run, metric, limits) and len(run.blocks) < since + settings.blocks:
        with pool.session() as session:
            if not run.extend(session):
                raise HaloclineError(
                    f"run of {name}",
                    found=f"the model blew up: {run.crash}",
                    expected="a stable run under this forcing",
                    remedy="Choose another --seed, or a grid with shorter steps.",
                )
        tell(10 * (len(run.blocks) - since), f"{name}: year {10 * len(run.blocks)}")
    return _finished(run, since, start, fit(run.blocks), metric, limits)


def _holds(run: SpinupRun, metric: Metric, limits: ReferenceSettings) -> bool:
    if not run.blocks:
        return False
    last = Stretch("", run.blocks)
    return last.steady and all(_drift(last, metric)[n] <= getattr(limits, f"drift_{n}") for n in ("thetao", "so"))


def _drift(last: Stretch, metric: Metric) -> Mapping[str, float]:
    return {name: last.equilibrium(metric).drift[f"drift_{name}"] for name in ("thetao", "so")}


def _finished(
    run: SpinupRun, since: int, start: Begin, slow: ChangeMap, metric: Metric, limits: ReferenceSettings
) -> Finished:
    last = Stretch("", run.blocks)
    change = run.blocks[-1].mean - run.blocks[-2].mean if len(last.last) > 1 else last.change
    remaining, size = slow.remaining(change), metric.rms(change)
    ahead = metric.rms(remaining.field)
    unseen = {name: remaining.unseen * size[name] * slow.longest for name in size}
    state, blocks = last.state, run.blocks[since:]
    began = run.blocks[since - 1].mean if since else start.state
    return Finished(
        state=state,
        end=run.end,
        began="its own end" if since else start.words,
        expected=np.nan if since else start.expected,
        begin_distance=metric.rms(began - state)["thetao"],
        years=sum(block.years for block in blocks),
        cpu_seconds=sum(block.cpu_seconds for block in blocks),
        jumps=sum(block.interrupts for block in blocks) - (since == 0),
        blocks=len(run.blocks),
        verified=_holds(run, metric, limits),
        drift=_drift(last, metric),
        error={name: ahead[name] + unseen[name] for name in ("thetao", "so")},
        bound=size["thetao"] * slow.longest,
    )


def _kept(begin: Callable[[], Begin], folder: Path) -> Begin:
    """Return the start that lies in a folder, or make one and keep it there: a run goes on from where it began."""
    path, words = folder / "begin.npz", folder / "begin.json"
    if not words.exists():
        made = begin()
        files.write_npz(path, {"thetao": made.state[0], "so": made.state[1]})
        expected = float(made.expected) if np.isfinite(made.expected) else None
        write_json(words, {"words": made.words, "expected": expected})
    told = read_json(words, "start of a member")
    water = read_npz(path, "start of a member", "thetao", "so")
    expected = np.nan if told["expected"] is None else float(told["expected"])
    return Begin(np.stack([water["thetao"], water["so"]]), str(told["words"]), expected)
