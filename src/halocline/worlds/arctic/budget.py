"""The volume budget: every term that changes the total ice volume, by name, in m3."""

import numpy as np

TERMS = (
    "congelation",  # growth under existing ice
    "open_water_growth",  # new ice in leads and open water
    "snow_ice",  # flooded snow turned to ice
    "surface_melt",
    "basal_melt",
    "cutoff",  # cells below the least concentration, emptied
    "outflow",  # through the open boundary
)


class VolumeBudget:
    """Sums of the terms since the start of the run; sources positive, sinks negative.

    ``volume(t) = volume(0) + sum of all terms`` to rounding.
    """

    def __init__(self, totals: np.ndarray | None = None) -> None:
        self.totals = np.zeros(len(TERMS)) if totals is None else np.asarray(totals, np.float64).copy()

    def add(self, term: str, volume: float) -> None:
        """Add ``volume`` (m3, signed) to a term."""
        self.totals[TERMS.index(term)] += volume
