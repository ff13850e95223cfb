"""Families of scores of forecasts, one a file; other packages add theirs by the group ``halocline.scores.forecast``."""

from collections.abc import Callable, Sequence

from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.family import ForecastFamily
from halocline.runtime.registry import Registry

Build = Callable[[Ensembles], Sequence[ForecastFamily]]
"""Returns the families of one name for the ensembles, none if they do not apply."""

FORECAST_SCORES: Registry[Build] = Registry(
    "family of forecast scores", package="halocline.evaluate.forecast.families", group="halocline.scores.forecast"
)

ORDER = ("cells", "cover", "ranks", "edge", "spectra", "histograms", "bounds")
"""Families that stand first in tables, in this order."""

SHAPES = ("spectra", "histograms")
"""Families that the ensemble mean is scored by, too: it must smooth."""
