"""The spin-up table: model years and CPU seconds until equilibrium, a line a method."""

import math
import statistics
from collections.abc import Sequence

from halocline.report.compare import Comparison
from halocline.report.numbers import number
from halocline.report.spinup.fewer import fewer
from halocline.spinup.criterion import Region
from halocline.spinup.experiment import Result, SpinupPlan
from halocline.spinup.methods import METHODS
from halocline.spinup.outcome import Outcome
from halocline.spinup.tables import archive_years, seconds_per_year


def spinup_table(result: Result, plan: SpinupPlan) -> Comparison:
    """Return the table; with several targets medians, and ranges behind them.

    Columns: model years and CPU seconds until the criterion holds everywhere, how many times fewer years than the cold
    start (per target, then the median; "> n" where cold starts had not arrived when their runs ended), the same for the
    ocean above 1000 m, the distance from the nearest equilibrium in the first ten years, and which equilibrium was
    reached.
    """
    header = (
        "start",
        "targets there",
        "model years",
        "CPU s",
        "fewer years",
        "years, above 1000 m",
        "fewer years",
        "distance, first 10 years (K)",
        "which",
    )
    lines = []
    for method in plan.methods:
        mine = [o for o in result.outcomes if o.method == method.name]
        there = sum(o.reached["whole"] is not None for o in mine)
        cells = [METHODS[method.name].words, f"{there} of {len(mine)}"]
        most = plan.most_years(method)
        cells.append(_spread([_years(o, "whole") for o in mine], most))
        cells.append(_spread([_seconds(o) for o in mine], math.inf))
        cells.append(fewer(result.outcomes, mine, "whole"))
        cells.append(_spread([_years(o, "upper") for o in mine], most))
        cells.append(fewer(result.outcomes, mine, "upper"))
        cells.append(_spread([o.stages[0].figures["distance_thetao"] for o in mine if o.stages], math.inf))
        cells.append(", ".join(sorted({stage.near for o in mine if (stage := o.reached["whole"]) is not None})) or "–")
        lines.append(tuple(cells))
    return Comparison(header, tuple(lines))


def words_below(result: Result, plan: SpinupPlan, about: dict[str, object]) -> list[str]:
    """Return what must be said with the table: the criterion, what is wrong with the references, what the data cost."""
    c, speed, made = plan.criterion, seconds_per_year(result), archive_years(plan.archive.store)
    out = [
        f"Equilibrium: over ten years the level means drift by less than {c.drift_thetao:g} K and {c.drift_so:g} psu a "
        f"decade (rms), and the mean state lies within {c.distance_thetao:g} K, {c.distance_so:g} psu (rms), "
        f"{c.acc:g} Sv (channel) and {c.moc:g} Sv (overturning) of an equilibrium; both above 1000 m and everywhere, "
        "in two consecutive windows, which begin two years apart; the end of the first counts.",
        _references(result, plan, about),
    ]
    if math.isfinite(made):
        cost = f", {made * speed:.0f} CPU s at the {speed:.2f} s a year of these runs" if math.isfinite(speed) else ""
        out.append(f"Beside it stands what the training data cost, once for all targets: {made:.0f} model years{cost}.")
    for name in ("drawing_seconds", "start_seconds"):
        if name in about:
            words = {
                "drawing_seconds": "Drawing the generated states took",
                "start_seconds": "Set-up and compiling, in no line's count, took",
            }[name]
            out.append(f"{words} {number(float(about[name]))} CPU s.")  # type: ignore[arg-type]
    return out


def _references(result: Result, plan: SpinupPlan, about: dict[str, object]) -> str:
    """Return what counts as equilibrium, and how sure it is."""
    found = list(result.references.values())
    if plan.known:
        return (
            f"Equilibria: known equilibria of {about['references']}, made before and by no run of this table. "
            f"{about['reference_errors']}"
        )
    drifts = _spread([r.drift["drift_thetao"] for ends in found for r in ends], math.inf)
    apart = [plan.archive.metric.rms(a.state - b.state)["thetao"] for a, b in found]
    streams = [abs(a.acc - b.acc) for a, b in found]
    years = min(r.years for ends in found for r in ends)  # an earlier call may have run them further than this one asks
    return (
        f"Equilibria: unfinished runs, the last 30 of {years:.0f} years from the cold start, and from the target's own "
        f"simulated state. They are {_spread(apart, math.inf)} K and {_spread(streams, math.inf)} Sv apart, and still "
        f"drift by {drifts} K a decade. Known ones: halocline spinup reference, then --references."
    )


def _years(outcome: Outcome, region: Region) -> float:
    stage = outcome.reached[region]
    return math.inf if stage is None else stage.years


def _seconds(outcome: Outcome) -> float:
    stage = outcome.reached["whole"]
    return math.inf if stage is None else stage.cpu_seconds


def _spread(values: Sequence[float], most: float) -> str:
    """Return the median, and the range behind it if there are several; what was not reached is 'more than most'."""

    def show(value: float) -> str:
        return number(value) if math.isfinite(value) else (f"> {most:g}" if math.isfinite(most) else "–")

    if not values:
        return "–"
    middle = show(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({show(min(values))} to {show(max(values))})"
