"""What came of a method for a target, window by window, and when it was in equilibrium."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halocline.spinup.criterion import REGIONS, Criterion, Equilibrium, Region, window_figures
from halocline.spinup.metric import Metric
from halocline.spinup.run import SpinupRun
from halocline.spinup.windows import windows


@dataclass(frozen=True)
class Stage:
    """A method at the end of a window of ten years.

    Attributes:
        years: Model years so far, adjustment of the start included.
        cpu_seconds: CPU seconds so far.
        began: How the block began in which the window ends (see block.Block).
        figures: Drift within the window and distance from the nearest equilibrium (see criterion.window_figures).
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
        stages: At the end of each window, every two years.
        reached: First stage in equilibrium that the next one confirms, for each region; None if there is none.
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


def arrival(stages: Sequence[Stage], criterion: Criterion, region: Region = "whole") -> Stage | None:
    """Return the first of two consecutive windows that pass a criterion; None if there are none."""
    passes = [not criterion.misses(stage.figures, region) for stage in stages]
    first = next((k for k, pair in enumerate(zip(passes[:-1], passes[1:], strict=True)) if all(pair)), None)
    return None if first is None else stages[first]


def judge(
    target: str,
    role: str,
    method: str,
    run: SpinupRun,
    metric: Metric,
    references: Sequence[Equilibrium],
    criterion: Criterion,
) -> Outcome:
    """Return what has come of a run so far: it is there from the first of two consecutive windows that pass."""
    stages = tuple(
        Stage(w.years, w.cpu_seconds, w.began, *window_figures(metric, w.states, w.series, references))
        for w in windows(run.blocks)
    )
    reached: dict[Region, Stage | None] = {region: arrival(stages, criterion, region) for region in REGIONS}
    misses = tuple(criterion.misses(stages[-1].figures, "whole")) if stages else ()
    return Outcome(target, role, method, stages, reached, misses, run.crash)
