"""Where the runs go on: at the sides' meeting point, or where the pooled map of their changes says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from halocline.runtime.errors import InputError
from halocline.spinup.anderson import Proposal
from halocline.spinup.block import histories_of
from halocline.spinup.jump.history import History
from halocline.spinup.jump.jump import leap
from halocline.spinup.jump.own_stretches import Passed
from halocline.spinup.jump.shared_map import SharedMap
from halocline.spinup.metric import EVEN_SO, Metric
from halocline.spinup.pooled_map import fit_ocean
from halocline.spinup.reference.secant import Secant, secant
from halocline.spinup.reference.settings import NARROWS, ReferenceSettings
from halocline.spinup.reference.stretch import Stretch

SIDES = ("cold", "other")
"""The two runs whose mean becomes the reference."""
MIDDLE = "middle"
"""The run from their mean."""


@dataclass(frozen=True, eq=False)
class Decision:
    """What is to be done after a round.

    Attributes:
        kind: ``secant``: the sides are set down on either side of where they meet; ``jump``: each run goes where its
            own change leads; ``plain``: they go on.
        proposals: Where each run's next block begins, by name; none for a run that goes on.
    """

    kind: str
    proposals: Mapping[str, Proposal] = field(default_factory=dict)


def signed_drifts(sides: Mapping[str, Stretch], metric: Metric) -> Secant:
    """Return the sides' drifts a decade along their difference."""
    cold, other = (sides[name] for name in SIDES)
    return secant(cold.mean, cold.change, other.mean, other.change, metric.slow)


def decide(
    runs: Mapping[str, Stretch],
    metric: Metric,
    settings: ReferenceSettings,
    hold: Collection[str] = (),
    taught: Sequence[History] = (),
    before: Sequence[Mapping[str, Stretch]] = (),
) -> Decision:
    """Return what each run's next block begins from.

    Every run follows its own change, by the map that is fitted to all of them, corrected by the secants between all
    stretches of all runs (see own_stretches.ahead): they have one equilibrium. Where there is no map, or it does not
    halve what parts the sides, and they drift towards each other, they are set down where they meet,

        x_eq = x_c + (x_o - x_c) dx_c / (dx_c - dx_o),

    with the drifts dx signed and projected on the sides' difference. In both cases each side keeps half of
    ReferenceSettings.straddle to its own side of that place. Without a map, and from one side, the runs go on. With
    ReferenceSettings.meet there is no map: they meet, or go on.

    Args:
        runs: The sides and, once it has begun, the run from their mean.
        metric: Norms.
        settings: Limits.
        hold: Runs that go on plainly, because their last extrapolation failed.
        taught: Of runs of other forcings, see pooled.
        before: The runs as they were after each round before.
    """
    drifts = signed_drifts(runs, metric)
    slow = None if settings.meet else pooled(runs, metric, settings, taught)
    free = {name: s for name, s in runs.items() if name not in hold}
    own = {name: places([*before, {n: s for n, s in runs.items() if n != name}]) for name in free}
    leaps = {} if slow is None else {n: leap(slow, s.passed, settings.reach, own[n]) for n, s in free.items()}
    cold, other = (runs[name] for name in SIDES)
    gap = other.mean - cold.mean
    sizes = metric.rms(gap)
    apart, widest = sizes["thetao"], {"thetao": settings.straddle, "so": EVEN_SO * settings.straddle}
    keep = 0.5 * min(1.0, *(widest[name] / sizes[name] for name in widest if sizes[name] > 0)) if apart > 0 else 0.0
    if settings.meet:
        keep = max(keep, 0.5 * NARROWS)
    if set(SIDES) <= leaps.keys():
        ends = [leaps[name].state for name in SIDES]
        if not drifts.opposite or metric.rms(ends[1] - ends[0])["thetao"] <= max(settings.apart_thetao, 0.5 * apart):
            aside = zip(SIDES, ends, (-keep, keep), strict=True)
            return Decision("jump", leaps | {n: replace(leaps[n], state=x + k * gap) for n, x, k in aside})
    if drifts.opposite and (settings.meet or not set(hold) & set(SIDES)):
        shares = (max(0.0, drifts.share - keep), min(1.0, drifts.share + keep))
        states = {name: cold.mean + share * gap for name, share in zip(SIDES, shares, strict=True)}
        met = {name: Proposal(state, "secant", drifts.rate, 0.0) for name, state in states.items()}
        return Decision("secant", leaps | met)
    return Decision("jump" if leaps else "plain", leaps)


def places(rounds: Sequence[Mapping[str, Stretch]]) -> list[Passed]:
    """Return where runs of one forcing were after rounds, as far as what is fast had died out."""
    return [run.passed for now in rounds for run in now.values() if run.settled]


def pooled(
    runs: Mapping[str, Stretch], metric: Metric, settings: ReferenceSettings, taught: Sequence[History] = ()
) -> SharedMap | None:
    """Return the map of changes of all runs, and of the gaps between them; None if they are too short for one.

    A run's first decades are left out: they hold what is fast.

    Args:
        runs: Of one forcing.
        metric: Norms.
        settings: How it is fitted.
        taught: Of runs of other forcings, which teach as well (see pooled_map.fit_ocean for their names).
    """
    histories = [h for name, run in runs.items() for h in histories_of(f"sides/{name}", run.blocks)]
    try:
        return fit_ocean([*taught, *histories], metric.grid, settings.slow)
    except InputError:
        return None


def grown(rounds: Sequence[Mapping[str, Stretch]], metric: Metric, settings: ReferenceSettings) -> frozenset[str]:
    """Return the runs whose change a decade is more than ``growth`` times the least of the rounds before.

    After such a round, what is least is counted anew.

    Args:
        rounds: The runs after each round, the last one is now.
        metric: Norms.
        settings: Limits.
    """
    see, least, out = metric.slow, dict[str, float](), set[str]()
    for now in rounds:
        out = set()
        for name, run in now.items():
            size = float(np.linalg.norm(see(run.change)))
            if size > settings.growth * least.get(name, np.inf):
                out.add(name)
                least[name] = size
            least[name] = min(size, least.get(name, np.inf))
    return frozenset(out)
