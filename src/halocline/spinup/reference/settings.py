"""When two runs from opposite sides count as one known equilibrium, and how they get there."""

from dataclasses import dataclass, field

from halocline.spinup.criterion import WINDOW
from halocline.spinup.jump.slow_map import SlowMapSettings

PROOF = 3
"""Blocks at the end of a stretch by which it is judged and extrapolated: 30 years."""
ROUND = PROOF + 1
"""Blocks from one extrapolation to the next: the first one settles."""

NARROWS = 0.2
"""Share of their distance that sides keep when they are set down where they meet: what one secant may be wrong by."""


@dataclass(frozen=True)
class ReferenceSettings:
    """Limits and lengths.

    Attributes:
        first_years: Years of the two sides before the first extrapolation.
        max_years: Years of the other side at most, and of the cold one after ``cold_years``, its first.
        cold_years: Years of the cold side before its first extrapolation, the plain cold start that others are compared
            with; as ``first_years`` if None.
        meet: Whether the sides are set down where their signed drifts say that they meet, whatever the map says: what
            parts them is meant to be one slow mode, and the map would carry the noise of their changes along with it.
            They keep NARROWS of their distance, and so close in from round to round.
        drift_thetao: Trend of level-mean temperature over 30 years, root mean square over the volume, K a decade; each
            side must keep it.
        drift_so: Likewise of salinity, psu a decade.
        apart_thetao: Distance of the sides' 30-year means, root mean square over the volume, K.
        apart_so: Likewise, psu.
        straddle: The sides are set down at most this far apart, K, and EVEN_SO times this, psu, on either side of the
            estimate: if it was right they drift towards each other, if it was wrong they drift the same way.
        slow: How the map of changes is fitted to the runs.
        reach: Longest extrapolation by the map, in lengths of a decade's change.
        growth: Change a decade over the least so far beyond which the last extrapolation counts as failed.
    """

    first_years: int = 200
    max_years: int = 1000
    cold_years: int | None = None
    meet: bool = False
    drift_thetao: float = 0.0008
    drift_so: float = 0.0001
    apart_thetao: float = 0.03
    apart_so: float = 0.006
    straddle: float = 0.02
    slow: SlowMapSettings = field(default_factory=SlowMapSettings)
    reach: float = 120.0
    growth: float = 2.0

    @property
    def first_blocks(self) -> int:
        """Blocks of the other side before the first extrapolation."""
        return self.first_years // WINDOW

    @property
    def cold_blocks(self) -> int:
        """Blocks of the cold side before its first extrapolation."""
        return self.first_blocks if self.cold_years is None else self.cold_years // WINDOW

    @property
    def rounds(self) -> int:
        """Extrapolations at most."""
        return max(0, (self.max_years // WINDOW - self.first_blocks) // ROUND)

    @property
    def most_years(self) -> int:
        """Model years of all runs at most, adjustments aside."""
        return WINDOW * (self.cold_blocks + self.first_blocks + 3 * ROUND * self.rounds)
