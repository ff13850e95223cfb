"""What came of a method for a target, block by block, and when it was in equilibrium."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halocline.spinup.criterion import REGIONS, Criterion, Equilibrium, Region, window_figures
from halocline.spinup.metric import Metric
from halocline.spinup.run import SpinupRun


@dataclass(frozen=True)
class Stage:
    """A method after a block.

    Attributes:
        years: Model years so far, adjustment of the start included.
        cpu_seconds: CPU seconds so far.
        began: How the block began (see run.Block).
        figures: Drift within the block and distance from the nearest equilibrium (see criterion.window_figures).
        near: Name of that equilibrium.
    """

    years: float
    cpu_seconds: float
    began: str
    figures: Mapping[str, float]
    near: str


@dataclass(frozen=True)
class Outcome:
    """A method for a target.

    Attributes:
        target: Name of the target.
        role: Its role.
        method: Name of the method.
        stages: After each block.
        reached: First stage in equilibrium, for each region; None if it was never reached.
        misses: Limits that the last stage exceeds.
        crash: What the model said when it blew up; None if it did not.
    """

    target: str
    role: str
    method: str
    stages: tuple[Stage, ...]
    reached: Mapping[Region, Stage | None]
    misses: tuple[str, ...]
    crash: str | None


def judge(
    target: str,
    role: str,
    method: str,
    run: SpinupRun,
    metric: Metric,
    references: Sequence[Equilibrium],
    criterion: Criterion,
) -> Outcome:
    """Return what has come of a run so far."""
    stages: list[Stage] = []
    years = seconds = 0.0
    for block in run.blocks:
        years, seconds = years + block.years, seconds + block.cpu_seconds
        figures, near = window_figures(metric, block.states, block.series, references)
        stages.append(Stage(years, seconds, block.began, figures, near))
    reached = {
        region: next((stage for stage in stages if not criterion.misses(stage.figures, region)), None)
        for region in REGIONS
    }
    misses = tuple(criterion.misses(stages[-1].figures, "whole")) if stages else ()
    return Outcome(target, role, method, tuple(stages), reached, misses, run.crash)
