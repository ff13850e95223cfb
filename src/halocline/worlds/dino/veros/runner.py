# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tasks with Veros: legs, samples, diagnostics, restarts; what was killed continues to the bit."""

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
from halocline.worlds.dino.schedule import every, is_due, step_days
from halocline.worlds.dino.veros.fields import load, save, states_of, with_states, with_velocities
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
        restart_steps: Steps between restarts.
    """

    def __init__(
        self,
        geometry: Geometry,
        say: Callable[[dict[str, object]], None],
        restart_steps: int = RESTART_STEPS,
    ) -> None:
        self._geometry, self._say, self._restart_steps = geometry, say, restart_steps
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
        day = sum(part.days for part in task.legs[:leg]) + step * step_days(task.legs[leg], self._geometry.preset)
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
        folder.drop_restart()
        self._say({"task": task.name, "day": task.days})

    def _begin(self, task: ModelTask, folder: TaskFolder) -> tuple[int, int, dict[str, Any]]:
        pristine = self._ocean(task.legs[0].mode).pristine
        if folder.restart.exists():
            fields, cursor = load(folder.restart)
            # Restarts of older versions hold the time themselves.
            self._began -= cursor["cpu_ms"] / 1000.0 if "cpu_ms" in cursor else folder.clock_seconds()
            return int(cursor["leg"]), int(cursor["step"]), fields
        if task.start is None:
            return 0, 0, pristine
        fields = load(task.start)[0] or pristine
        state = task.start if fields is pristine else task.replace
        if state is not None:
            water = read_npz(state, "start")
            ocean = self._ocean(task.legs[0].mode)
            fields = with_states(ocean, water["thetao"], water["so"], fields)
            if "u" in water:
                fields = with_velocities(ocean, water["u"], water["v"], fields)
        return 0, 0, fields

    def _leg(
        self, task: ModelTask, folder: TaskFolder, number: int, step: int, fields: dict[str, Any]
    ) -> dict[str, Any] | None:
        leg, frozen = task.legs[number], task.legs[number].mode == "frozen"
        ocean, step_length = self._ocean(leg.mode), step_days(leg, self._geometry.preset)
        before = sum(part.days for part in task.legs[:number])
        steps = round(leg.days / step_length)
        saved = step
        while True:
            day = before + step * step_length
            if step < steps and is_due(step, leg.sample_days, step_length):
                files.write_npz(folder.sample(day), states_of(fields))
            if is_due(step, leg.diagnose_days, step_length) or (leg.diagnose_days and step == steps):
                self._diagnose(folder, day, leg, fields)
            if step == steps:
                return fields
            if step - saved >= self._restart_steps:
                folder.note_clock(self._cpu_seconds())
                save(folder.restart, fields, {"leg": number, "step": step})
                saved = step
            count = min(_until(step, steps, leg, step_length), self._restart_steps - (step - saved), CHUNK)
            # The forcing's clock stands still while the tracers are held.
            clock = sum(part.days for part in task.legs[:number] if part.mode != "frozen")
            tick = 0.0 if frozen else step_length
            rows = forcing_rows(task.forcing, self._geometry.lat, clock + step * tick, count, tick)
            fields = ocean.advance(fields, rows.profiles, rows.weather, frozen)
            step += count
            if not _healthy(fields):
                words = {
                    "day": before + step * step_length,
                    "mode": leg.mode,
                    "parameters": task.forcing.end.values(),
                    "cpu_seconds": self._cpu_seconds(),
                }
                folder.finish(folder.crash, words)
                self._say({"task": task.name, "day": task.days, "crashed": before + step * step_length})
                return None
            self._say({"task": task.name, "day": before + step * step_length})

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


def _until(step: int, steps: int, leg: Leg, step_length: float) -> int:
    """Steps until the next event of a leg."""
    out = steps - step
    for days in (leg.sample_days, leg.diagnose_days):
        if days > 0:
            between = every(days, step_length)
            out = min(out, between - step % between)
    return out


def _healthy(fields: dict[str, Any]) -> bool:
    arrays = [np.asarray(fields[name])[..., 1] for name in ("temp", "salt", "u")]
    return all(np.isfinite(a).all() for a in arrays) and bool(np.abs(arrays[0]).max() < _PLAUSIBLE)
