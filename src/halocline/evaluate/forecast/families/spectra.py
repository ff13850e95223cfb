"""Power of the members' states over that of the truth, per wavelength band."""

from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.family import SetFamily


@FORECAST_SCORES.register("spectra")
def spectra(ensembles: Ensembles) -> list[SetFamily]:
    """Return the family at the leads whose states' looks are scored."""
    return [SetFamily(ensembles.spectra)] if ensembles.shaped and ensembles.spectra.labels else []
