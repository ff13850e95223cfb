"""One sea-ice state run in the Arctic world, and what it wrote; all of them in processes."""

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halocline.physics.sea_ice import ICE_EDGE
from halocline.runtime import files
from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.processes.waiting import as_they_end
from halocline.runtime.progress import progress
from halocline.runtime.seals.arrays import read_arrays, read_npz, write_arrays
from halocline.trials.ice.diagnostics import FIGURES, Watch
from halocline.trials.protocol import Run
from halocline.worlds.arctic.budget import VolumeBudget
from halocline.worlds.arctic.domain import arctic_domain
from halocline.worlds.arctic.model import MODEL_STEP_HOURS, ArcticModel
from halocline.worlds.arctic.restart import memory_from, read_restart, state_from, write_restart
from halocline.worlds.arctic.start import assemble
from halocline.worlds.arctic.weather.synthetic import SyntheticWeather

RESTART_EVERY = 360
"""6-h steps between restarts: 90 days."""
_STEP_DAYS = MODEL_STEP_HOURS / 24
_LINES, _COVER = "trial_lines", "trial_cover"


@dataclass(frozen=True)
class IceTask:
    """What a process is told of a run.

    Attributes:
        folder: The run's folder; ``start.npz`` lies in it.
        resolution_km: Of the grid.
        rheology: Of the model.
        seed: Of the weather.
        weather: Number of the weather.
        day: Day of the year of the start.
        days: Times of the diagnostics, days since the start, from 0 on.
    """

    folder: Path
    resolution_km: int
    rheology: str
    seed: int
    weather: int
    day: float
    days: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Series:
    """What a finished run wrote.

    Attributes:
        lines: FIGURES (time, figure), in order; fewer times after a crash.
        cover: Cells with a concentration above 0.15 (time, y, x).
        crash: Day of the crash; NaN for none.
    """

    lines: np.ndarray
    cover: np.ndarray
    crash: float


def end_of(folder: Path) -> Path:
    """Return the file of a finished run's series."""
    return folder / "series.safetensors"


def restart_of(folder: Path) -> Path:
    """Return the file from which a run that was stopped continues."""
    return folder / "restart.safetensors"


def read_series(folder: Path, shape: tuple[int, int]) -> Series:
    """Read what a finished run wrote, cells (y, x) of ``shape``.

    Raises:
        InputError: If it is damaged.
    """
    arrays, notes, _ = read_arrays(end_of(folder), "series of a run")
    lines = arrays["lines"]
    cover = np.unpackbits(arrays["cover"], axis=1, count=shape[0] * shape[1]).reshape(-1, *shape).astype(bool)
    return Series(lines, cover, float(notes["crash_day"]) if notes.get("crash_day") else np.nan)


def is_finished(task: IceTask) -> bool:
    """Tell whether a run has ended and what it wrote is whole; what is damaged is removed, and made again."""
    end = end_of(task.folder)
    if not end.exists():
        return False
    try:
        series = read_series(task.folder, arctic_domain(task.resolution_km).grid.shape)
    except (InputError, KeyError, ValueError):
        files.remove(end)
        return False
    if np.isfinite(series.crash) or len(series.lines) == len(task.days):
        files.remove(restart_of(task.folder))  # of a run that was killed before it could
        return True
    files.remove(end)
    return False


def perform(tasks: Sequence[IceTask], jobs: int, quiet: bool) -> None:
    """Run what is not finished, each run in one process.

    Raises:
        HaloclineError: If a process was killed; finished runs are kept.
    """
    left = [task for task in tasks if not is_finished(task)]
    days = sum(round(task.days[-1]) for task in tasks)
    done = days - sum(round(task.days[-1]) for task in left)
    title = f"integrate arctic {tasks[0].resolution_km} km, {len(tasks)} runs, days"
    with progress(title, days, quiet=quiet) as report:
        report(done, "")
        if jobs == 1 or len(left) < 2:
            for task in left:
                run_task(task)
                done += round(task.days[-1])
                report(done, task.folder.name)
            return
        with _explain_killed(), worker_pool(min(jobs, len(left))) as pool:
            futures = {pool.submit(run_task, task): task for task in left}
            for future in as_they_end(futures):
                future.result()
                done += round(futures[future].days[-1])
                report(done, futures[future].folder.name)


def run_task(task: IceTask) -> None:
    """Run one state from its start, or from its restart if there is one that can be read, to its end."""
    watch, lines, cover = _begun(task)
    model, begin = watch.model, round(task.day / _STEP_DAYS)
    steps = [round(day / _STEP_DAYS) for day in task.days]
    sound = True
    while sound and len(lines) < len(steps):
        if model.step - begin == steps[len(lines)]:
            lines.append(list(watch.figures().values()))
            cover.append(np.packbits(model.state.sic > ICE_EDGE))
            continue
        sound = watch.advance()
        at = model.step - begin
        if at % RESTART_EVERY == 0 and at in steps and sound:
            lines.append(list(watch.figures().values()))
            cover.append(np.packbits(model.state.sic > ICE_EDGE))
            beside = {_LINES: np.nan_to_num(np.array(lines), nan=_NONE), _COVER: np.stack(cover)}
            write_restart(restart_of(task.folder), model, 0.0, beside)
    crash = {} if sound else {"crash_day": repr((model.step - begin) * _STEP_DAYS)}
    write_arrays(end_of(task.folder), {"lines": np.array(lines), "cover": np.stack(cover)}, crash)
    files.remove(restart_of(task.folder))


_NONE = -1e300
"""Stands for NaN in a restart, whose arrays are finite."""


def _begun(task: IceTask) -> tuple[Watch, list[list[float]], list[np.ndarray]]:
    domain = arctic_domain(task.resolution_km)
    weather = SyntheticWeather(domain, task.seed, task.weather)
    restart = restart_of(task.folder)
    if restart.exists():
        with contextlib.suppress(InputError, KeyError, ValueError, IndexError):
            arrays = read_restart(restart, domain.grid)
            weather.recall(memory_from(arrays))
            model = ArcticModel(
                domain,
                weather,
                state_from(arrays),
                step=int(arrays["step"][0]),
                rheology=task.rheology,
                budget=VolumeBudget(arrays["budget"]),
            )
            lines = np.where(arrays[_LINES] == _NONE, np.nan, arrays[_LINES])
            return Watch(model), lines.tolist(), list(arrays[_COVER])
        files.remove(restart)
        weather = SyntheticWeather(domain, task.seed, task.weather)
    fields = read_npz(task.folder / "start.npz", "start")
    step = round(task.day / _STEP_DAYS)
    state = assemble({n: np.asarray(v, np.float64) for n, v in fields.items()}, domain, weather.at(step))
    model = ArcticModel(domain, weather, state, step=step, rheology=task.rheology)
    if not {"siu", "siv"} <= set(fields):
        model.find_velocity()
    return Watch(model), [], []


@contextlib.contextmanager
def _explain_killed() -> Any:
    try:
        yield
    except BrokenProcessPool as error:
        raise HaloclineError(
            "a run's process",
            found="it was ended from outside (killed, or out of memory)",
            expected="it runs to its end",
            remedy="Run the same command again: finished runs are kept, others continue; use fewer --jobs for less "
            "memory.",
        ) from error


def values_of(series: Mapping[str, Series], names: Sequence[str], times: int) -> dict[str, np.ndarray]:
    """Return FIGURES (run, time) of runs by name, NaN after a crash."""
    out = {name: np.full((len(names), times), np.nan) for name in FIGURES}
    for row, run in enumerate(names):
        lines = series[run].lines
        for column, name in enumerate(FIGURES):
            out[name][row, : len(lines)] = lines[:, column]
    return out


def task_of(run: Run, resolution_km: int, rheology: str, seed: int, days: tuple[float, ...]) -> IceTask:
    """Return the task of a run."""
    return IceTask(run.folder, resolution_km, rheology, seed, run.start.weather, run.start.day, days)
