"""Whether a task is as far as it says: what its end or restart counts is looked at, and what is bad is made again."""

import json
from pathlib import Path

import numpy as np

from halocline.runtime import files
from halocline.worlds.dino.job import ModelTask, TaskFolder
from halocline.worlds.dino.presets import preset
from halocline.worlds.dino.schedule import diagnosed_days, sampled_days, step_days


def looked_at(task: ModelTask, size: str) -> TaskFolder:
    """Return the folder of a task; if a state or a line of its diagnostics is missing or damaged, it runs anew.

    Args:
        task: The task; it may not have begun.
        size: Name of the grid.
    """
    folder = TaskFolder(task.folder)
    ends = (folder.done, folder.crash, folder.restart)
    if any(path.exists() for path in ends) and not _is_backed(task, folder, size):
        for path in (*ends, folder.clock):
            files.remove(path)
    if folder.done.exists() or not folder.has_begun:
        folder.drop_restart()  # of a run that was killed before it could
    return folder


def _is_backed(task: ModelTask, folder: TaskFolder, size: str) -> bool:
    grid = preset(size)
    try:
        reached = _reached(task, folder, size)
    except Exception:  # an end or a restart that cannot be read
        return False
    there = {line["day"] for line in folder.read_series()}
    states = [folder.sample(day) for day in sampled_days(task, grid) if day < reached]
    states += [folder.end] if task.keep_end and folder.done.exists() else []
    days = {day for day in diagnosed_days(task, grid) if day < reached}
    return days <= there and all(map(_can_be_read, states))


def _reached(task: ModelTask, folder: TaskFolder, size: str) -> float:
    """Return up to which day all must be there: the end, a crash, or the restart's day."""
    if folder.done.exists():
        json.loads(folder.done.read_bytes())
        return float("inf")
    if folder.crash.exists():
        return float(json.loads(folder.crash.read_bytes())["day"])
    with np.load(folder.restart) as file:
        arrays = {name: file[name] for name in file.files}
    folder.clock_seconds()
    leg, step = int(arrays["cursor:leg"]), int(arrays["cursor:step"])
    return sum(part.days for part in task.legs[:leg]) + step * step_days(task.legs[leg], preset(size))


def _can_be_read(path: Path) -> bool:
    try:
        with np.load(path) as file:
            return all(file[name] is not None for name in file.files)
    except Exception:
        return False
