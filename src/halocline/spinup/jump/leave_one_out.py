"""What a jump is worth on a run that its map has not seen. Knows no ocean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from halocline.runtime.errors import InputError
from halocline.spinup.jump.history import History
from halocline.spinup.jump.jump import leap
from halocline.spinup.jump.slow_map import SlowMapSettings, fit_slow_map


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
    settings: SlowMapSettings,
    *,
    reach: float,
    see: Callable[[np.ndarray], np.ndarray] = np.ravel,
    measure: Callable[[np.ndarray], float] | None = None,
) -> list[Gain]:
    """Return every jump of every run, by a map that was fitted to the other runs.

    Args:
        histories: Of at least two runs (History.run tells them apart).
        ends: The fixed point of each run that is to be left out, as far as it is known; others only help to fit.
        settings: How the map is fitted.
        reach: Longest jump, in lengths of the change it follows.
        see: See ``fit_slow_map``.
        measure: Length of a difference; that of what ``see`` sees if None.

    Raises:
        InputError: If there is one run only, or the others have no change that follows a change.
    """
    runs = list(dict.fromkeys(h.run for h in histories))
    if len(runs) < 2:
        raise InputError(
            "histories of runs",
            found=f"{len(runs)} run(s)",
            expected="at least two, so that one can be left out",
            remedy="Give the runs of other forcings, or another run of this one.",
        )
    length = measure or (lambda field: float(np.linalg.norm(see(field))))
    out = []
    for run in (name for name in runs if name in ends):
        slow = fit_slow_map([h for h in histories if h.run != run], settings, see)
        step = 0
        for history in (h for h in histories if h.run == run):
            for mean, change in zip(history.means[1:], history.changes, strict=True):
                step += 1
                before, after = (
                    length(np.asarray(x, np.float64) - ends[run]) for x in (mean, leap(slow, mean, change, reach).state)
                )
                out.append(Gain(run, step, before, after))
            step += 1
    return out
