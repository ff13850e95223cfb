"""What a jump is worth on a run that its map has not seen. Knows no ocean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from halocline.runtime.errors import InputError
from halocline.spinup.jump.history import History
from halocline.spinup.jump.jump import leap
from halocline.spinup.jump.own_stretches import Passed
from halocline.spinup.jump.slow_map import ChangeMap


@dataclass(frozen=True)
class Gain:
    """One jump of a run that was left out.

    Attributes:
        run: Which run.
        step: Number of the mean from which the jump goes, from 0 on, over all stretches of the run.
        before: Distance of that mean from the run's end.
        after: Distance of where the jump leads.
    """

    run: str
    step: int
    before: float
    after: float

    @property
    def removed(self) -> float:
        """Share of the distance that the jump removes: 1 is all of it, below 0 the jump leads away."""
        return 1.0 - self.after / self.before


def leave_one_out(
    histories: Sequence[History],
    ends: Mapping[str, np.ndarray],
    fit: Callable[[Sequence[History]], ChangeMap],
    *,
    reach: float,
    measure: Callable[[np.ndarray], float] = lambda field: float(np.linalg.norm(field)),
    group: Callable[[str], str] = lambda run: run,
) -> list[Gain]:
    """Return every jump of every run, by a map that was fitted without it.

    Args:
        histories: Of at least two groups.
        ends: The fixed point of each run that is to be left out, as far as it is known; others only help to fit.
        fit: Fits a map to the histories that remain.
        reach: Longest jump, in lengths of the change it follows.
        measure: Length of a difference.
        group: From the name of a run to what is left out together: the run alone, or all runs of its forcing.

    Raises:
        InputError: If there is one group only, or what remains has no change that follows a change.
    """
    groups = list(dict.fromkeys(group(h.run) for h in histories))
    if len(groups) < 2:
        raise InputError(
            "histories of runs",
            found=f"{len(groups)} run(s) or forcing(s)",
            expected="at least two, so that one can be left out",
            remedy="Give the runs of other forcings, or another run of this one.",
        )
    out: list[Gain] = []
    for name in groups:
        left_out = [h for h in histories if group(h.run) == name and h.run in ends]
        if not left_out:
            continue
        slow = fit([h for h in histories if group(h.run) != name])
        steps: dict[str, int] = {}
        for history in left_out:
            first = steps.get(history.run, 0)
            for step, (mean, change) in enumerate(zip(history.means[1:], history.changes, strict=True), first + 1):
                there = leap(slow, Passed(mean, change), reach).state
                before, after = (measure(np.asarray(x, np.float64) - ends[history.run]) for x in (mean, there))
                out.append(Gain(history.run, step, before, after))
            steps[history.run] = first + len(history.means)
    return out
