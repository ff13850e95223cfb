"""Distances between the distributions of the members' values and of the truth's."""

from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.family import SetFamily


@FORECAST_SCORES.register("histograms")
def histograms(ensembles: Ensembles) -> list[SetFamily]:
    """Return the family at the leads whose states' looks are scored."""
    return [SetFamily(ensembles.bins)] if ensembles.shaped else []
