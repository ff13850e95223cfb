"""Atoms at the bounds and values beyond them in the members' states."""

from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.family import SetFamily
from halocline.evaluate.ice.families.bounds import BoundScores


@FORECAST_SCORES.register("bounds")
def bounds(ensembles: Ensembles) -> list[SetFamily]:
    """Return the family at the leads whose states' looks are scored."""
    family = BoundScores(ensembles.grid, ensembles.channels)
    return [SetFamily(family)] if ensembles.shaped and family.labels else []
