"""Moment matching from members of a forecast: they are noised to a level and drawn back with the observations."""

from halocline.analysis.methods.base import METHODS
from halocline.analysis.methods.mmps import Mmps


class Resample(Mmps):
    """p(x | x_f + s eps, y): each member's forecast x_f is one more observation of every cell, with a white error s.

    What the forecast knows on scales larger than s lets through is kept, the rest comes from the generator and the
    observations: of a cycle, a prior that has a memory. Its error is white in network space, that of a real forecast
    is not: an approximation. ``level`` is s; see chain/near.py.

    Source: Andrae et al. 2025, "DAISI", arXiv 2512.00252 (inversion of the forecast by the backward SDE, then guided
    sampling from there); guided here by moment matching.
    """

    uses = ("iterations", "level")
    redraws = True


METHODS.register("resample")(Resample())
