"""How many times fewer years than another way took: exact where both arrived, a bound where the other did not."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from halocline.report.numbers import number
from halocline.spinup.criterion import Region
from halocline.spinup.outcome import Outcome


@dataclass(frozen=True)
class Ratio:
    """Years of another way over one's own.

    Attributes:
        value: The ratio; 0 if only the other arrived, or neither.
        least: Whether it is at least so much: the other way had not arrived when its run ended.
    """

    value: float
    least: bool

    @classmethod
    def of(cls, other: Outcome, mine: Outcome, region: Region) -> "Ratio":
        """Return the ratio for one target; by the years that were run where the other way did not arrive."""
        there, here = (o.reached[region] for o in (other, mine))
        if there is not None:
            return cls(0.0 if here is None else there.years / here.years, False)
        return cls(0.0 if here is None else years_run(other) / here.years, True)

    def __str__(self) -> str:
        if self.value == 0.0:
            return "–" if self.least else "< 1"  # neither arrived; the other alone
        return f"> {number(self.value)}" if self.least else number(self.value)


def years_run(outcome: Outcome) -> float:
    """Return the years of a run."""
    return outcome.stages[-1].years if outcome.stages else 0.0


def fewer(every: Sequence[Outcome], mine: Sequence[Outcome], region: Region, other: str = "cold") -> str:
    """Return the median over targets, and the range behind it if there are several.

    The median of bounds is a bound of the median: it is marked as one if a bound is among those up to the middle.

    Args:
        every: Outcomes, those of the other way among them.
        mine: Of one way.
        region: See criterion.
        other: Name of the other way.
    """
    others = {o.target: o for o in every if o.method == other}
    found = sorted((Ratio.of(others[o.target], o, region) for o in mine), key=lambda r: r.value)
    if all(r.value == 0.0 and r.least for r in found):
        return "–"
    middle = statistics.median(r.value for r in found)
    least = any(r.least and r.value <= middle for r in found) or found[len(found) // 2].least
    words = str(Ratio(middle, least))
    return words if len(found) == 1 else f"{words} ({found[0]} to {found[-1]})"


def median_years(outcomes: Sequence[Outcome]) -> tuple[float, bool]:
    """Return the median years until the criterion holds, and whether it is only a bound: they are more than that."""
    stages = [o.reached["whole"] for o in outcomes]
    exact = statistics.median([math.inf if s is None else s.years for s in stages]) if stages else math.inf
    if math.isfinite(exact) or not stages:
        return exact, False
    return statistics.median(
        [years_run(o) if s is None else s.years for o, s in zip(outcomes, stages, strict=True)]
    ), True
