"""Ensemble optimal interpolation: one analysis, with the covariance of a static ensemble."""

import numpy as np

from halocline.analysis.methods._gain import increments
from halocline.analysis.methods.base import METHODS, Prior, Settings, Updating


class EnOI(Updating):
    """x^i <- x^i + K (y - H(mean)): the mean is analysed, the static ensemble keeps its anomalies.

    Source: Evensen 2003, Ocean Dyn. 53, 343, section 4.4; as EnKF-C's mode ENOI does (Sakov, arXiv 1410.1233).
    """

    uses = ("radius_km", "inflation")

    def update(self, prior: Prior, settings: Settings) -> np.ndarray:
        """Return the members moved by the increment of their mean."""
        innovation = prior.table.value - prior.operator.of_arrays(prior.states).mean(axis=0)
        return np.asarray(prior.states + increments(prior, settings, innovation[None]), np.float32)


METHODS.register("enoi")(EnOI())
