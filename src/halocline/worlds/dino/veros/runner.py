# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks with Veros: legs, samples, diagnostics, restarts; what was killed continues to the bit."""

import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from halocline.runtime import files
from halocline.runtime.log import JsonLines
from halocline.runtime.seals.arrays import read_npz
from halocline.worlds.dino.diagnostics import Flow, diagnose
from halocline.worlds.dino.forcing import forcing_rows
from halocline.worlds.dino.geometry import Geometry
from halocline.worlds.dino.job import Leg, Mode, ModelTask, TaskFolder
from halocline.worlds.dino.veros.fields import load, save, states_of, with_states
from halocline.worlds.dino.veros.setup import DinoSetup, from_veros
from halocline.worlds.dino.veros.step import Ocean
from halocline.worlds.dino.weather import modes

CHUNK = 360
"""Most steps between two looks at the state."""
RESTART_STEPS = 1800
"""Steps between restarts: five years of accelerated steps."""
_PLAUSIBLE = 60.0  # degC; centred advection overshoots, but not by this much


class Runner:
    """Runs tasks one after the other; the compiled model is used again.

    Args:
        geometry: The basin.
        say: Where progress goes.
        parent: The process that waits for us; without it we end.
        restart_steps: Steps between restarts.
    """

    def __init__(
        self,
        geometry: Geometry,
        say: Callable[[dict[str, object]], None],
        parent: int,
        restart_steps: int = RESTART_STEPS,
    ) -> None:
        self._geometry, self._say, self._parent, self._restart_steps = geometry, say, parent, restart_steps
        self._oceans: dict[str, Ocean] = {}
        self._began = 0.0

    def run(self, task: ModelTask) -> None:
        """Run a task from its start or from its restart to its end."""
        folder = TaskFolder(task.folder)
        if folder.finished:
            self._say({"task": task.name, "day": task.days})
            return
        folder.samples.mkdir(parents=True, exist_ok=True)
        self._began = time.process_time()
        leg, step, fields = self._begin(task, folder)
        day = sum(part.days for part in task.legs[:leg]) + step * self._step_days(task.legs[leg])
        if folder.series.exists():  # diagnostics from the restart's day on come again
            JsonLines(folder.series).replace(line for line in folder.read_series() if line["day"] < day)
        while leg < len(task.legs):
            end = self._leg(task, folder, leg, step, fields)
            if end is None:
                return
            fields, leg, step = end, leg + 1, 0
        if task.keep_end:
            save(folder.end, fields, {})
        words = {"days": task.days, "cpu_seconds": self._cpu_seconds()}
        folder.finish(folder.done, words)
        files.remove(folder.restart)
        self._say({"task": task.name, "day": task.days})

    def _begin(self, task: ModelTask, folder: TaskFolder) -> tuple[int, int, dict[str, Any]]:
        pristine = self._ocean(task.legs[0].mode).pristine
        if folder.restart.exists():
            fields, cursor = load(folder.restart)
            self._began -= cursor.get("cpu_ms", 0) / 1000.0
            return int(cursor["leg"]), int(cursor["step"]), fields
        if task.start is None:
            return 0, 0, pristine
        fields = load(task.start)[0] or pristine
        state = task.start if fields is pristine else task.replace
        if state is not None:
            water = read_npz(state, "start", "thetao", "so")
            fields = with_states(self._ocean(task.legs[0].mode), water["thetao"], water["so"], fields)
        return 0, 0, fields

    def _leg(
        self, task: ModelTask, folder: TaskFolder, number: int, step: int, fields: dict[str, Any]
    ) -> dict[str, Any] | None:
        leg, frozen = task.legs[number], task.legs[number].mode == "frozen"
        ocean, step_days = self._ocean(leg.mode), self._step_days(leg)
        before = sum(part.days for part in task.legs[:number])
        steps = round(leg.days / step_days)
        saved = step
        while True:
            day = before + step * step_days
            if step < steps and _due(step, leg.sample_days, step_days):
                files.write_npz(folder.sample(day), states_of(fields))
            if _due(step, leg.diagnose_days, step_days) or (leg.diagnose_days and step == steps):
                self._diagnose(folder, day, leg, fields)
            if step == steps:
                return fields
            if step - saved >= self._restart_steps:
                save(folder.restart, fields, {"leg": number, "step": step, "cpu_ms": int(1000 * self._cpu_seconds())})
                saved = step
            if os.getppid() != self._parent:
                raise SystemExit("the process that waited for this one has gone")
            count = min(_until(step, steps, leg, step_days), self._restart_steps - (step - saved), CHUNK)
            # The forcing's clock stands still while the tracers are held.
            clock = sum(part.days for part in task.legs[:number] if part.mode != "frozen")
            tick = 0.0 if frozen else step_days
            rows = forcing_rows(task.forcing, self._geometry.lat, clock + step * tick, count, tick)
            fields = ocean.advance(fields, rows.profiles, rows.weather, frozen)
            step += count
            if not _healthy(fields):
                words = {
                    "day": before + step * step_days,
                    "mode": leg.mode,
                    "parameters": task.forcing.end.values(),
                    "cpu_seconds": self._cpu_seconds(),
                }
                folder.finish(folder.crash, words)
                self._say({"task": task.name, "day": task.days, "crashed": before + step * step_days})
                return None
            self._say({"task": task.name, "day": before + step * step_days})

    def _diagnose(self, folder: TaskFolder, day: float, leg: Leg, fields: dict[str, Any]) -> None:
        current = [from_veros(np.asarray(fields[name])[..., 1]) for name in ("temp", "salt", "u", "v", "w")]
        flow = Flow(*[*current, from_veros(fields["dtemp_vmix"])])
        JsonLines(folder.series).write({"day": day, "mode": leg.mode, **diagnose(flow, self._geometry)})

    def _cpu_seconds(self) -> float:
        """Return the CPU seconds of the task so far, those before a restart included."""
        return time.process_time() - self._began

    def _ocean(self, mode: Mode) -> Ocean:
        key = "accelerated" if mode == "accelerated" else "synchronous"
        if key not in self._oceans:
            size, g = self._geometry.preset, self._geometry
            steps = (size.dt_synchronous,) * 2 if key == "synchronous" else (size.dt_momentum, size.dt_tracer)
            around = (np.arange(size.shape[2]) + 0.5) / size.shape[2]
            self._oceans[key] = Ocean(DinoSetup(g, *steps), modes(g.lat, around), CHUNK)
        return self._oceans[key]

    def _step_days(self, leg: Leg) -> float:
        size = self._geometry.preset
        return (size.dt_tracer if leg.mode == "accelerated" else size.dt_synchronous) / 86400.0


def _every(days: float, step_days: float) -> int:
    return max(1, round(days / step_days))


def _due(step: int, days: float, step_days: float) -> bool:
    return days > 0 and step % _every(days, step_days) == 0


def _until(step: int, steps: int, leg: Leg, step_days: float) -> int:
    """Steps until the next event of a leg."""
    out = steps - step
    for days in (leg.sample_days, leg.diagnose_days):
        if days > 0:
            every = _every(days, step_days)
            out = min(out, every - step % every)
    return out


def _healthy(fields: dict[str, Any]) -> bool:
    arrays = [np.asarray(fields[name])[..., 1] for name in ("temp", "salt", "u")]
    return all(np.isfinite(a).all() for a in arrays) and bool(np.abs(arrays[0]).max() < _PLAUSIBLE)
