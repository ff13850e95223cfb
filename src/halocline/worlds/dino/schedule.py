"""When a task stores and diagnoses its states: the same days for the one that runs it and the one that looks after."""

from collections.abc import Callable, Iterator

from halocline.worlds.dino.job import Leg, ModelTask
from halocline.worlds.dino.presets import Preset


def step_days(leg: Leg, size: Preset) -> float:
    """Return the length of a leg's step, days."""
    return (size.dt_tracer if leg.mode == "accelerated" else size.dt_synchronous) / 86400.0


def every(days: float, step: float) -> int:
    """Return the steps (of ``step`` days) between two events that are ``days`` apart."""
    return max(1, round(days / step))


def is_due(number: int, days: float, step: float) -> bool:
    """Tell whether an event that comes every ``days`` comes at a step; never if ``days`` is 0."""
    return days > 0 and number % every(days, step) == 0


def sampled_days(task: ModelTask, size: Preset) -> list[float]:
    """Return the days of the task whose states are stored."""
    return list(_days(task, size, lambda leg, n, of, step: n < of and is_due(n, leg.sample_days, step)))


def diagnosed_days(task: ModelTask, size: Preset) -> list[float]:
    """Return the days that are diagnosed; where two legs meet a day may come twice."""

    def wanted(leg: Leg, number: int, steps: int, step: float) -> bool:
        return leg.diagnose_days > 0 and (number == steps or is_due(number, leg.diagnose_days, step))

    return list(_days(task, size, wanted))


def _days(task: ModelTask, size: Preset, wanted: Callable[[Leg, int, int, float], bool]) -> Iterator[float]:
    for number, leg in enumerate(task.legs):
        before, step = sum(part.days for part in task.legs[:number]), step_days(leg, size)
        steps = round(leg.days / step)
        yield from (before + n * step for n in range(steps + 1) if wanted(leg, n, steps, step))
