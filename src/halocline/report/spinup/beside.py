"""What stands beside the spin-up table: other limits, every target, and from how many targets on the data pay."""

import math
import statistics
from collections.abc import Iterator

from halocline.report.compare import Comparison
from halocline.report.numbers import number
from halocline.report.spinup.fewer import fewer, median_years, years_run
from halocline.spinup.criterion import TIERS
from halocline.spinup.experiment import Result, SpinupPlan
from halocline.spinup.methods import METHODS, NOT_LEARNED, WITHOUT_DATA
from halocline.spinup.outcome import Outcome, arrival
from halocline.spinup.tables import archive_years

ENSEMBLE = 64
"""Members of a perturbed-parameter ensemble whose whole cost is told."""
Further = tuple[str, str, Comparison]
"""Title, a sentence, a table."""


def further_tables(result: Result, plan: SpinupPlan) -> Iterator[Further]:
    """Yield the tables."""
    yield "Limits twice as wide, and half as wide", _tiers_words(plan), tiers_table(result, plan)
    yield "Every target", "Model years until the criterion holds.", targets_table(result, plan)
    words = "Median over targets and range; '> n': cold starts had not arrived when their runs ended."
    yield "How many times fewer years than a cold start, by place", words, places_table(result, plan)
    made = archive_years(plan.archive.store)
    if math.isfinite(made):
        words = (
            f"Data: the {made:.0f} model years of the store, held-out members included. Break-even: targets from "
            "which on data and starts together take fewer years than the other way to the same criterion, at the "
            "median years of these targets; 'at most': the other way had not arrived when its runs ended."
        )
        yield "From how many targets on it pays", words, pays_table(result, plan, made)


def tiers_table(result: Result, plan: SpinupPlan) -> Comparison:
    """Return the median years, and how many targets arrived, by each criterion."""
    lines = []
    for method in plan.methods:
        mine = [o for o in result.outcomes if o.method == method.name]
        cells = [METHODS[method.name].words]
        for factor in TIERS.values():
            stages = [arrival(o.stages, plan.criterion.times(factor)) for o in mine]
            there = sum(stage is not None for stage in stages)
            years = [years_run(o) if s is None else s.years for o, s in zip(mine, stages, strict=True)]
            more = "> " if there <= len(mine) / 2 else ""  # what was not reached is among the middle ones
            cells.append(f"{more}{number(statistics.median(years))} ({there} of {len(mine)})" if years else "–")
        lines.append(tuple(cells))
    heads = [f"{name}, {number(factor * plan.criterion.distance_thetao)} K" for name, factor in TIERS.items()]
    return Comparison(("start", *heads), tuple(lines))


def _tiers_words(plan: SpinupPlan) -> str:
    how = "until the stricter one holds" if plan.stricter else "until the stated one holds (--stricter: further)"
    return f"Median model years, and targets that arrived. All limits are multiplied; runs go on {how}."


def targets_table(result: Result, plan: SpinupPlan) -> Comparison:
    """Return a line a target: the years of each method."""
    lines = []
    for target in plan.targets:
        found = {o.method: o for o in result.outcomes if o.target == target.name}
        cells = [f"{target.member} ({target.role})", *(_shown(found[m.name]) for m in plan.methods)]
        lines.append(tuple(cells))
    return Comparison(("target", *(m.name for m in plan.methods)), tuple(lines))


def places_table(result: Result, plan: SpinupPlan) -> Comparison:
    """Return how many times fewer years than a cold start each way took, for targets of each role."""
    roles, lines = list(dict.fromkeys(t.role for t in plan.targets)), []
    for method in plan.methods:
        mine = [[o for o in result.outcomes if (o.method, o.role) == (method.name, role)] for role in roles]
        lines.append((METHODS[method.name].words, *(fewer(result.outcomes, part, "whole") for part in mine)))
    heads = [f"{role} ({sum(t.role == role for t in plan.targets)})" for role in roles]
    return Comparison(("start", *heads), tuple(lines))


def pays_table(result: Result, plan: SpinupPlan, made: float) -> Comparison:
    """Return break-evens against the cold start and against the best way that needs no start from data."""
    names = [m.name for m in plan.methods]
    median = {name: median_years([o for o in result.outcomes if o.method == name]) for name in names}
    best = min((n for n in names if n in NOT_LEARNED), key=lambda n: median[n][::-1], default=None)
    lines = []
    for name in names:
        if name in WITHOUT_DATA:
            continue
        mine, unknown = median[name]
        against = "–" if best in (None, name) else _break_even(made, median[best], median[name])  # type: ignore[index]
        cold, more = median["cold"]
        share = "–" if unknown else _bound(number((made + ENSEMBLE * mine) / (ENSEMBLE * cold)), more)
        years = "not reached" if unknown else number(mine)
        lines.append((METHODS[name].words, years, _break_even(made, median["cold"], median[name]), against, share))
    beside = "no help of this kind" if best is None else METHODS[best].words
    heads = ("start", "model years", "targets, against a cold start", f"targets, against {beside}")
    return Comparison((*heads, f"{ENSEMBLE} members, data included, of cold starts"), tuple(lines))


def _break_even(made: float, other: tuple[float, bool], mine: tuple[float, bool]) -> str:
    """Return from how many targets on it pays, by medians that may be bounds (see fewer.median_years)."""
    (theirs, more), (years, unknown) = other, mine
    if unknown:
        return "–"
    if theirs <= years:
        return "cannot be told" if more else "never"
    return _bound(str(math.ceil(made / (theirs - years))), more)


def _bound(words: str, most: bool) -> str:
    return f"at most {words}" if most else words


def _shown(outcome: Outcome) -> str:
    stage = outcome.reached["whole"]
    return f"> {number(years_run(outcome))}" if stage is None else number(stage.years)
